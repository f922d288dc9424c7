"use client";

import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox, RadioGroup as RadixRadio, Switch as RadixSwitch } from "radix-ui";
import { type ReactNode, useId } from "react";
import { cn } from "./cn.ts";

type CheckboxProps = {
  label: ReactNode;
  hint?: ReactNode;
  /** For rows of a table: the label is read, not shown. */
  hideLabel?: boolean | undefined;
  checked?: boolean | "indeterminate" | undefined;
  defaultChecked?: boolean | undefined;
  onCheckedChange?: ((checked: boolean) => void) | undefined;
  name?: string | undefined;
  value?: string | undefined;
  disabled?: boolean | undefined;
  tabIndex?: number | undefined;
  className?: string | undefined;
};

const box =
  "inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-line-strong bg-surface transition-colors disabled:cursor-not-allowed disabled:opacity-50 data-[state=checked]:border-ink data-[state=checked]:bg-ink data-[state=indeterminate]:border-ink data-[state=indeterminate]:bg-ink text-on-ink";

/** A box to tick, with its label. */
export function Checkbox({ label, hint, hideLabel, className, onCheckedChange, ...rest }: CheckboxProps) {
  const id = useId();
  return (
    <span className={cn("inline-flex items-start gap-2", className)}>
      <RadixCheckbox.Root
        id={id}
        aria-label={hideLabel === true && typeof label === "string" ? label : undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={cn(box, hideLabel !== true && "mt-0.5")}
        onCheckedChange={(state) => onCheckedChange?.(state === true)}
        {...rest}
      >
        <RadixCheckbox.Indicator className="group">
          <Check className="size-3 group-data-[state=indeterminate]:hidden" strokeWidth={3} aria-hidden />
          <Minus className="hidden size-3 group-data-[state=indeterminate]:block" strokeWidth={3} aria-hidden />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      {hideLabel === true ? null : <Words id={id} label={label} hint={hint} />}
    </span>
  );
}

type SwitchProps = Omit<CheckboxProps, "checked" | "tabIndex"> & { checked?: boolean | undefined };

/** On or off, in force at once; inside a form that is saved later take Checkbox. */
export function Switch({ label, hint, hideLabel, className, ...rest }: SwitchProps) {
  const id = useId();
  return (
    <span className={cn("inline-flex items-start gap-2", className)}>
      <RadixSwitch.Root
        id={id}
        aria-label={hideLabel === true && typeof label === "string" ? label : undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="mt-0.5 inline-flex h-4 w-7 shrink-0 items-center rounded-full border border-line-strong bg-raised p-px transition-colors disabled:cursor-not-allowed disabled:opacity-50 data-[state=checked]:border-ink data-[state=checked]:bg-ink"
        {...rest}
      >
        <RadixSwitch.Thumb className="block size-3 rounded-full bg-line-strong transition-transform data-[state=checked]:translate-x-3 data-[state=checked]:bg-on-ink" />
      </RadixSwitch.Root>
      {hideLabel === true ? null : <Words id={id} label={label} hint={hint} />}
    </span>
  );
}

export type RadioOption = { value: string; label: ReactNode; hint?: ReactNode; disabled?: boolean | undefined };

type RadioGroupProps = {
  /** The question, read before the choices; shown by the surrounding Section or heading when `hideLabel`. */
  label: string;
  hideLabel?: boolean | undefined;
  options: readonly RadioOption[];
  value?: string | undefined;
  defaultValue?: string | undefined;
  onValueChange?: ((value: string) => void) | undefined;
  name?: string | undefined;
  className?: string | undefined;
};

/** One choice out of a few that need a word of explanation. */
export function RadioGroup({ label, hideLabel, options, className, ...rest }: RadioGroupProps) {
  const id = useId();
  return (
    <div className={cn("space-y-1.5", className)}>
      <div id={id} className={hideLabel === true ? "sr-only" : "text-sm font-medium"}>
        {label}
      </div>
      <RadixRadio.Root aria-labelledby={id} className="space-y-1.5" {...rest}>
        {options.map((option) => (
          <span key={option.value} className="flex items-start gap-2">
            <RadixRadio.Item
              id={`${id}-${option.value}`}
              value={option.value}
              disabled={option.disabled}
              aria-describedby={option.hint === undefined ? undefined : `${id}-${option.value}-hint`}
              className="mt-0.5 inline-flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[state=checked]:border-ink"
            >
              <RadixRadio.Indicator className="size-2 rounded-full bg-ink" />
            </RadixRadio.Item>
            <Words id={`${id}-${option.value}`} label={option.label} hint={option.hint} />
          </span>
        ))}
      </RadixRadio.Root>
    </div>
  );
}

function Words({ id, label, hint }: { id: string; label: ReactNode; hint: ReactNode }) {
  return (
    <span className="min-w-0">
      <label htmlFor={id} className="text-sm">
        {label}
      </label>
      {hint === undefined ? null : (
        <span id={`${id}-hint`} className="block text-xs text-muted">
          {hint}
        </span>
      )}
    </span>
  );
}
