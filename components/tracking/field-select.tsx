"use client";

import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/input.tsx";
import { fieldName } from "./parallel-axes.ts";

/** A choice among parameters and metrics. */
export function FieldSelect({
  label,
  value,
  onValueChange,
  fields,
  placeholder,
}: {
  label: string;
  value: string;
  onValueChange: (field: string) => void;
  fields: readonly string[];
  placeholder?: string | undefined;
}) {
  return (
    <Field label={label}>
      <Select
        value={value}
        onValueChange={onValueChange}
        placeholder={placeholder}
        options={fields.map((field) => ({
          value: field,
          label: `${field.startsWith("metric:") ? "metric" : "parameter"} ${fieldName(field)}`,
        }))}
      />
    </Field>
  );
}
