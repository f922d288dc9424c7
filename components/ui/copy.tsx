"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { cn } from "./cn.ts";
import { shortId } from "./format.ts";
import { Tooltip } from "./tooltip.tsx";

/** Copies `text` and says so. Large enough to be hit (WCAG 2.5.8) without making its line higher. */
export function CopyButton({
  text,
  label = "Copy",
  className,
}: {
  text: string;
  label?: string | undefined;
  className?: string | undefined;
}) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1600);
    return () => clearTimeout(timer);
  }, [state]);
  const said = state === "copied" ? "Copied" : state === "failed" ? "Copying is not allowed here" : label;
  return (
    <Tooltip text={said}>
      <button
        type="button"
        aria-label={label}
        className={cn(
          "-my-0.5 inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-raised hover:text-text",
          className,
        )}
        onClick={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void writeClipboard(text).then((copied) => setState(copied ? "copied" : "failed"));
        }}
      >
        {state === "copied" ? (
          <Check className="size-3 text-good" aria-hidden />
        ) : (
          <Copy className="size-3" aria-hidden />
        )}
        <span role="status" className="sr-only">
          {state === "idle" ? "" : said}
        </span>
      </button>
    </Tooltip>
  );
}

/** An id or hash in short, monospace, whole on hover, with a button that copies the whole. `length` 0 shows all of it. */
export function Id({
  value,
  length = 8,
  className,
}: {
  value: string;
  length?: number | undefined;
  className?: string | undefined;
}) {
  return (
    <span className={cn("group/id inline-flex max-w-full items-center gap-0.5", className)}>
      <code className="truncate text-xs" title={value}>
        {length === 0 ? value : shortId(value, length)}
      </code>
      <CopyButton text={value} label={`Copy ${shortId(value, length === 0 ? 8 : length)}`} />
    </span>
  );
}

/** A content hash (sha256, commit): its first characters, with copy. */
export function Hash({
  value,
  length = 10,
  className,
}: {
  value: string;
  length?: number | undefined;
  className?: string | undefined;
}) {
  return <Id value={value} length={length} className={className} />;
}

/** Puts text on the clipboard; on plain http, where the browser hides its clipboard, by a hidden field. False when refused. */
export async function writeClipboard(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.style.cssText = "position:fixed;opacity:0";
  document.body.append(field);
  field.select();
  // Deprecated, and the only way there is without https.
  const page: { execCommand?: (command: string) => boolean } = document;
  const done = page.execCommand?.("copy") ?? false;
  field.remove();
  return done;
}
