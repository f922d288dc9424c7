"use client";

import { FileQuestion } from "lucide-react";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { ApiError } from "#components/ui/api.ts";
import { LinkButton } from "#components/ui/button.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { sectionAbove } from "./navigation.tsx";

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
            // What fails in the browser has no id in the server's log.
            remedy:
              error.digest === undefined
                ? `Try again. If it stays, tell the administrator what failed in your browser: ${error.message}`
                : "Try again. If it stays, give the administrator the id below.",
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
    <Missing action={<LinkButton href="/">Go home</LinkButton>}>
      There is nothing at this address, or you are not a member of its project. Ask a maintainer of the project to add
      you.
    </Missing>
  );
}

/** What a member finds at an address of the project that leads nowhere. A thing of another project looks the same as one that never was. */
export function MissingInProject() {
  const { label, href } = sectionAbove(usePathname());
  return (
    <Missing action={<LinkButton href={href}>Go to {label}</LinkButton>}>
      There is nothing at this address in this project. It may have been removed, or the address is not complete.
    </Missing>
  );
}

function Missing({ action, children }: { action: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-20 text-center">
      <FileQuestion aria-hidden className="mb-2 size-6 stroke-[1.5] text-muted" />
      <h1 className="text-lg">Not found</h1>
      <p className="mb-3 max-w-md text-sm text-balance text-muted">{children}</p>
      {action}
    </div>
  );
}
