"use client";

import { type ReactNode, useMemo } from "react";
import { Button } from "#components/ui/button.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import type { RunKeyDto } from "#server/tracking/contract.ts";

const ATTRIBUTES = [
  { value: "datasets.name", label: "Dataset" },
  { value: "attributes.user", label: "User" },
  { value: "attributes.commit", label: "Commit" },
  { value: "attributes.experiment", label: "Experiment" },
  { value: "attributes.status", label: "Status" },
  { value: "attributes.pipeline", label: "Pipeline run" },
];
const MOST = 60;

/** What the table groups by: an attribute, a parameter or a tag. */
export function GroupSelect({
  icon,
  keys,
  value,
  onChange,
}: {
  icon: ReactNode;
  keys: readonly RunKeyDto[];
  value: string;
  onChange: (group: string) => void;
}) {
  const items = useMemo(() => {
    const of = (kind: RunKeyDto["kind"]) =>
      keys
        .filter((key) => key.kind === kind && !key.key.startsWith("mlflow."))
        .slice(0, MOST)
        .map((key) => ({ value: `${kind}.${key.key}`, label: key.key }));
    return { params: of("params"), tags: of("tags") };
  }, [keys]);
  const chosen = [...ATTRIBUTES, ...items.params, ...items.tags].find((each) => each.value === value);
  const row = (each: { value: string; label: string }) => ({
    label: each.label,
    onSelect: () => onChange(each.value),
    ...(each.value === value ? { note: "chosen" } : {}),
  });
  return (
    <DropdownMenu
      trigger={
        <Button size="sm" icon={icon} variant={value === "" ? "ghost" : "secondary"}>
          <span className="max-w-40 truncate">
            {value === "" ? "Group" : `By ${chosen?.label ?? value.slice(value.indexOf(".") + 1)}`}
          </span>
        </Button>
      }
      items={[
        value !== "" && { label: "No groups", onSelect: () => onChange("") },
        { heading: "Attributes" },
        ...ATTRIBUTES.map(row),
        items.params.length > 0 && { heading: "Parameters" },
        ...items.params.map(row),
        items.tags.length > 0 && { heading: "Tags" },
        ...items.tags.map(row),
      ]}
    />
  );
}
