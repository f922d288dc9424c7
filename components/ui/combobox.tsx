"use client";

import { Command } from "cmdk";
import { Check, ChevronsUpDown } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cn } from "./cn.ts";
import { useFieldProps } from "./field.tsx";

export type ComboboxOption = { value: string; label: string; note?: ReactNode; keywords?: string[] | undefined };

type ComboboxProps = {
  options: readonly ComboboxOption[];
  value: string;
  onValueChange: (value: string) => void;
  placeholder?: string | undefined;
  searchPlaceholder?: string | undefined;
  /** Said when nothing matches. */
  empty?: string | undefined;
  /** Name for screen readers when no Field stands around it. */
  label?: string | undefined;
  disabled?: boolean | undefined;
  className?: string | undefined;
};

/** A choice out of many, found by typing. */
export function Combobox({
  options,
  value,
  onValueChange,
  placeholder = "Choose",
  searchPlaceholder = "Search",
  empty = "Nothing matches.",
  label,
  disabled,
  className,
}: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>
        <button
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-haspopup="listbox"
          aria-label={label}
          disabled={disabled}
          {...useFieldProps()}
          className={cn(
            "flex h-8 w-full min-w-0 items-center justify-between gap-2 rounded-md border border-line-strong/70 bg-surface pr-2 pl-2.5 text-left text-sm hover:border-line-strong disabled:opacity-60 aria-invalid:border-bad",
            className,
          )}
        >
          <span className={cn("truncate", chosen === undefined && "text-muted")}>{chosen?.label ?? placeholder}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-muted" aria-hidden />
        </button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label ?? placeholder}
          className="z-60 w-(--radix-popover-trigger-width) min-w-56 animate-pop overflow-hidden rounded-md border bg-surface shadow-float"
        >
          <Command loop>
            <Command.Input
              placeholder={searchPlaceholder}
              className="h-9 w-full border-b bg-transparent px-3 text-sm outline-none"
            />
            <Command.List className="max-h-72 overflow-y-auto p-1">
              <Command.Empty className="px-2 py-4 text-center text-sm text-muted">{empty}</Command.Empty>
              {options.map((option) => (
                <Command.Item
                  key={option.value}
                  value={option.value}
                  keywords={[option.label, ...(option.keywords ?? [])]}
                  onSelect={() => {
                    onValueChange(option.value);
                    setOpen(false);
                  }}
                  className="flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm data-[selected=true]:bg-raised"
                >
                  <Check className={cn("size-3.5 shrink-0", option.value === value ? "" : "invisible")} aria-hidden />
                  <span className="min-w-0 flex-1 truncate">{option.label}</span>
                  {option.note === undefined ? null : <span className="text-xs text-muted">{option.note}</span>}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
