import { RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { type Problem, toProblem } from "./api.ts";
import { Button, LinkButton, TextLink } from "./button.tsx";
import { CopyButton } from "./copy.tsx";
import { cn } from "./cn.ts";

type ErrorNoteProps = {
  /** An ApiError or anything thrown; its title, detail, remedy and request id are shown. */
  error: unknown;
  /** Replaces the error's own title: what the reader was about to see. */
  title?: string | undefined;
  onRetry?: (() => void) | undefined;
  actions?: ReactNode;
  className?: string | undefined;
};

/** Stands where the thing would have stood: what happened, why, what to do now, the request id. */
export function ErrorNote({ error, title, onRetry, actions, className }: ErrorNoteProps) {
  const problem = toProblem(error);
  return (
    <div role="alert" className={cn("flex items-start gap-3 rounded-md border bg-surface px-4 py-3", className)}>
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1 space-y-1 text-sm">
        <p className="font-medium">{title ?? problem.title}</p>
        {problem.detail === undefined ? null : <p className="break-words">{problem.detail}</p>}
        <Remedy problem={problem} />
        <RequestId id={problem.requestId} />
        {onRetry === undefined && actions === undefined && problem.status !== 401 ? null : (
          <div className="flex flex-wrap gap-2 pt-1.5">
            {problem.status === 401 ? (
              <LinkButton size="sm" href="/login">
                Sign in
              </LinkButton>
            ) : null}
            {onRetry === undefined ? null : (
              <Button size="sm" icon={<RotateCw aria-hidden />} onClick={onRetry}>
                Try again
              </Button>
            )}
            {actions}
          </div>
        )}
      </div>
    </div>
  );
}

/** What can be done now, with the way to the page where it is done. */
export function Remedy({ problem: { remedy, page } }: { problem: Problem }) {
  if (remedy === undefined && page === undefined) return null;
  return (
    <p className="text-muted">
      {remedy} {page === undefined ? null : <TextLink href={page.href}>{page.label}</TextLink>}
    </p>
  );
}

/** The id under which the server logged the request, ready to copy into a report. */
export function RequestId({ id }: { id: string | undefined }) {
  if (id === undefined) return null;
  return (
    <p className="flex items-center gap-1 text-xs text-muted">
      Request <code className="text-2xs">{id}</code>
      <CopyButton text={id} label="Copy request id" />
    </p>
  );
}
