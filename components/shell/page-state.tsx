"use client";

import { FileQuestion } from "lucide-react";
import { ApiError } from "#components/ui/api.ts";
import { LinkButton } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";

/** A page that failed while it was made. The server's log holds the cause under the digest; nothing of it reaches the browser. */
export function PageError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <div className="mx-auto max-w-2xl py-8">
      <ErrorNote
        error={
          new ApiError({
            status: 500,
            code: "internal",
            title: "This page could not be shown",
            detail: "Something went wrong while it was put together. Your data is as it was.",
            remedy: "Try again. If it stays, give the administrator the id below.",
            requestId: error.digest,
          })
        }
        onRetry={retry}
        actions={
          <LinkButton size="sm" variant="ghost" href="/">
            Home
          </LinkButton>
        }
      />
    </div>
  );
}

/** What is missing, or lies in a project that the reader is no member of: the two look the same on purpose. */
export function PageMissing() {
  return (
    <div className="py-8">
      <h1 className="sr-only">Not found</h1>
      <EmptyState icon={<FileQuestion aria-hidden />} action={<LinkButton href="/">Go home</LinkButton>}>
        There is nothing at this address, or you are not a member of its project. Ask a maintainer of the project to add
        you.
      </EmptyState>
    </div>
  );
}
