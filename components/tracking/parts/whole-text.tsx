"use client";

import { CopyButton } from "#components/ui/copy.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Popover } from "#components/ui/popover.tsx";

/** What surely fits into a column. */
const SHORT = 24;

/** A text in one line of a column; one that may not fit opens whole, to be read and copied. */
export function WholeText({ name, text }: { name: string; text: string }) {
  if (text.length <= SHORT && !text.includes("\n")) return <span className="truncate font-mono text-xs">{text}</span>;
  return (
    <Popover
      label={`${name}, whole`}
      align="end"
      className="w-[min(36rem,calc(100vw-2rem))]"
      trigger={
        <button
          type="button"
          title={text.length > 300 ? `${text.slice(0, 300)}…` : text}
          className="block max-w-full truncate rounded-sm text-left font-mono text-xs hover:underline"
        >
          {text.slice(0, 300)}
          <span className="sr-only">, show the whole value of {name}</span>
        </button>
      }
    >
      <div className="mb-1 flex items-center justify-between gap-2 text-xs text-muted">
        <span className="min-w-0 truncate">
          {name} · {formatNumber(text.length, 6)} characters
        </span>
        <CopyButton text={text} label={`Copy ${name}`} />
      </div>
      <pre className="max-h-80 overflow-auto font-mono text-xs wrap-anywhere whitespace-pre-wrap">{text}</pre>
    </Popover>
  );
}
