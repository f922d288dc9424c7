"use client";

import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Switch } from "#components/ui/toggle.tsx";

export type ParamValue = string | number | boolean;

/** One parameter of a pipeline, by the type of its default; what is typed stays text until it is a value. */
export function ParamField({
  name,
  fallback,
  text,
  error,
  onText,
}: {
  name: string;
  fallback: ParamValue;
  /** What is typed; undefined: the default. */
  text: string | undefined;
  error: string | undefined;
  onText: (text: string) => void;
}) {
  const value = text ?? String(fallback);
  if (typeof fallback === "boolean")
    return <Switch label={name} checked={value === "true"} onCheckedChange={(on: boolean) => onText(String(on))} />;
  return (
    <Field
      label={<code className="text-xs">{name}</code>}
      error={error}
      hint={value === String(fallback) ? undefined : `the file says ${fallback}`}
    >
      <Input
        mono
        inputMode={typeof fallback === "number" ? "decimal" : undefined}
        value={value}
        onChange={(event) => onText(event.target.value)}
      />
    </Field>
  );
}

/** The value that a text means for a parameter with this default; null when it means none. */
export function paramValue(text: string, fallback: ParamValue): ParamValue | null {
  if (typeof fallback === "boolean") return text === "true";
  if (typeof fallback === "string") return text;
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
