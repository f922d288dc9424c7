"use client";

import { useState } from "react";
import { cn } from "./cn.ts";
import { CopyButton } from "./copy.tsx";

type CodeBlockProps = {
  code: string;
  /** A file name or a sentence above the code. */
  title?: string | undefined;
  /** Longest side in pixels before it scrolls. */
  maxHeight?: number | undefined;
  wrap?: boolean | undefined;
  className?: string | undefined;
};

/** Text in monospace with a copy button. */
export function CodeBlock({ code, title, maxHeight = 420, wrap, className }: CodeBlockProps) {
  return (
    <figure className={cn("min-w-0 overflow-hidden rounded-md border bg-surface", className)}>
      {title === undefined ? null : (
        <figcaption className="flex h-8 items-center justify-between gap-2 border-b pr-1.5 pl-3 text-xs text-muted">
          <span className="truncate">{title}</span>
          <CopyButton text={code} label={`Copy ${title}`} />
        </figcaption>
      )}
      <div className="relative">
        {title === undefined ? (
          <CopyButton text={code} label="Copy code" className="absolute top-1.5 right-1.5 z-10 size-6 bg-surface" />
        ) : null}
        <pre
          tabIndex={0}
          style={{ maxHeight }}
          className={cn(
            "overflow-auto px-3 py-2.5 text-xs leading-5 focus-visible:outline-offset-[-2px]",
            wrap === true && "whitespace-pre-wrap break-words",
          )}
        >
          <code>{code}</code>
        </pre>
      </div>
    </figure>
  );
}

export type Snippet = { language: "curl" | "Python" | "TypeScript" | (string & {}); code: string };

/** The same call in several languages. */
export function Snippets({ snippets, className }: { snippets: readonly Snippet[]; className?: string | undefined }) {
  const [asked, setAsked] = useState<string | null>(null);
  const chosen = snippets.find((snippet) => snippet.language === asked) ?? snippets[0];
  if (chosen === undefined) return null;
  return (
    <div className={cn("min-w-0 overflow-hidden rounded-md border bg-surface", className)}>
      <div className="flex h-8 items-center justify-between border-b pr-1.5 pl-1.5">
        <div role="group" aria-label="Language" className="flex gap-0.5">
          {snippets.map((snippet) => (
            <button
              key={snippet.language}
              type="button"
              aria-pressed={snippet === chosen}
              onClick={() => setAsked(snippet.language)}
              className="h-6 rounded-sm px-2 text-xs text-muted hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
            >
              {snippet.language}
            </button>
          ))}
        </div>
        <CopyButton text={chosen.code} label={`Copy ${chosen.language} call`} />
      </div>
      <pre
        tabIndex={0}
        className="max-h-105 overflow-auto px-3 py-2.5 text-xs leading-5 focus-visible:outline-offset-[-2px]"
      >
        <code>{chosen.code}</code>
      </pre>
    </div>
  );
}
