"use client";

import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "./cn.ts";

const QUIET = 200;

type SearchInputProps = {
  placeholder: string;
  value: string;
  /** Called when typing pauses, and at once on Enter or clear. */
  onValueChange: (value: string) => void;
  className?: string | undefined;
};

/** A search box that tells its text after a short pause. "/" anywhere on the page jumps into it. */
export function SearchInput({ placeholder, value, onValueChange, className }: SearchInputProps) {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const box = useRef<HTMLInputElement>(null);

  // The address changed from outside (back, clear): follow it.
  if (value !== told) {
    setTold(value);
    setText(value);
  }

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const jump = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], .monaco-editor") !== null) return;
      event.preventDefault();
      box.current?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, []);

  const tell = (next: string, delay: number): void => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setTold(next);
      onValueChange(next);
    }, delay);
  };

  return (
    <div className={cn("relative w-64 max-w-full", className)}>
      <Search
        className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted"
        aria-hidden
      />
      <input
        ref={box}
        type="search"
        aria-label={placeholder}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => tell(event.target.value, QUIET)}
        onKeyDown={(event) => {
          if (event.key === "Enter") tell(text, 0);
          if (event.key === "Escape" && text !== "") {
            event.stopPropagation();
            tell("", 0);
          }
        }}
        className="h-8 w-full rounded-md border border-line-strong/70 bg-surface pr-7 pl-8 text-sm hover:border-line-strong focus-visible:outline-offset-0 [&::-webkit-search-cancel-button]:hidden"
      />
      {text === "" ? null : (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => tell("", 0)}
          className="absolute top-1/2 right-1 flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-muted hover:bg-raised hover:text-text"
        >
          <X className="size-3.5" aria-hidden />
        </button>
      )}
    </div>
  );
}
