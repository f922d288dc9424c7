"use client";

import { CircleAlert } from "lucide-react";
import { Label as RadixLabel } from "radix-ui";
import { type ComponentProps, type ReactNode, createContext, use, useId } from "react";
import { cn } from "./cn.ts";

type FieldState = { id: string; describedBy: string | undefined; invalid: boolean; required: boolean };

const FieldContext = createContext<FieldState | null>(null);

/** What the control inside a Field must carry; empty outside one, so that the controls also work alone. */
export function useFieldProps(): {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
} {
  const field = use(FieldContext);
  if (field === null) return {};
  return {
    id: field.id,
    ...(field.describedBy === undefined ? {} : { "aria-describedby": field.describedBy }),
    ...(field.invalid ? { "aria-invalid": true as const } : {}),
    ...(field.required ? { "aria-required": true as const } : {}),
  };
}

export function Label({ className, ...rest }: ComponentProps<typeof RadixLabel.Root>) {
  return <RadixLabel.Root className={cn("text-sm font-medium", className)} {...rest} />;
}

type FieldProps = {
  label: ReactNode;
  /** What to type, said before anything goes wrong. */
  hint?: ReactNode;
  /** What is wrong and what to do; read aloud with the control. */
  error?: ReactNode;
  required?: boolean | undefined;
  /** Keeps the label for screen readers alone. */
  hideLabel?: boolean | undefined;
  className?: string | undefined;
  /** One Input, Textarea, Select, Combobox or FileDrop: it takes id, description and error state from here. */
  children: ReactNode;
};

/** A label, a control, a hint and an error that belong together for eye and ear. */
export function Field({ label, hint, error, required = false, hideLabel, className, children }: FieldProps) {
  const id = useId();
  const failed = error !== undefined && error !== null && error !== false && error !== "";
  const hinted = hint !== undefined && hint !== null;
  const describedBy = [hinted ? `${id}-hint` : "", failed ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <FieldContext value={{ id, describedBy: describedBy === "" ? undefined : describedBy, invalid: failed, required }}>
      <div className={cn("min-w-0 space-y-1", className)}>
        <Label htmlFor={id} className={hideLabel === true ? "sr-only" : "block"}>
          {label}
          {required ? <span className="text-muted"> (required)</span> : null}
        </Label>
        {children}
        {hinted ? (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        ) : null}
        {failed ? (
          <p id={`${id}-error`} className="flex items-start gap-1 text-xs text-bad">
            <CircleAlert className="mt-0.5 size-3 shrink-0" aria-hidden />
            <span>{error}</span>
          </p>
        ) : null}
      </div>
    </FieldContext>
  );
}
