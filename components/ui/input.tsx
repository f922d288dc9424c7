"use client";

import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";
import { useFieldProps } from "./field.tsx";

const control =
  "w-full min-w-0 rounded-md border border-line-strong/70 bg-surface text-sm text-text transition-colors hover:border-line-strong focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-bad";

const writable = "read-only:bg-raised/60";

/** One line of text. `mono` for ids, paths and names of columns. */
export function Input({ className, mono, ...rest }: ComponentProps<"input"> & { mono?: boolean | undefined }) {
  return (
    <input
      {...useFieldProps()}
      autoComplete="off"
      className={cn(control, writable, "h-8 px-2.5", mono === true && "font-mono text-xs", className)}
      {...rest}
    />
  );
}

/** Several lines of text. */
export function Textarea({ className, mono, ...rest }: ComponentProps<"textarea"> & { mono?: boolean | undefined }) {
  return (
    <textarea
      rows={4}
      {...useFieldProps()}
      className={cn(control, writable, "block px-2.5 py-1.5", mono === true && "font-mono text-xs", className)}
      {...rest}
    />
  );
}

export type SelectOption = { value: string; label: string; disabled?: boolean | undefined };

type SelectProps = Omit<ComponentProps<"select">, "children" | "size"> & {
  options: readonly SelectOption[];
  /** A first entry with an empty value: "Choose a dataset". */
  placeholder?: string | undefined;
  size?: "sm" | "md" | undefined;
  onValueChange?: ((value: string) => void) | undefined;
};

/** A choice out of few; the browser's own list, so that touch and screen readers behave as expected. Many: Combobox. */
export function Select({ options, placeholder, size, className, onValueChange, onChange, ...rest }: SelectProps) {
  return (
    <span className={cn("relative inline-flex w-full min-w-0", className)}>
      <select
        {...useFieldProps()}
        className={cn(control, "appearance-none truncate pr-7", size === "sm" ? "h-7 pl-2 text-xs" : "h-8 pl-2.5")}
        onChange={(event) => {
          onChange?.(event);
          onValueChange?.(event.target.value);
        }}
        {...rest}
      >
        {placeholder === undefined ? null : <option value="">{placeholder}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-muted"
        aria-hidden
      />
    </span>
  );
}
