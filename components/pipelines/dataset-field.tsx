"use client";

import { useQuery } from "@tanstack/react-query";
import { Field } from "#components/ui/field.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { datasetVersionsQuery } from "./queries.ts";

interface Props {
  project: string;
  dataset: string;
  /** The version that the file names, which a run cannot change; null: the newest, unless chosen. */
  fixed: number | null;
  /** Chosen version number, or "" for the newest. */
  value: string;
  onValue: (value: string) => void;
}

/** Which version of a dataset a run reads. It is pinned when the run is created. */
export function DatasetField({ project, dataset, fixed, value, onValue }: Props) {
  const versions = useQuery(datasetVersionsQuery(project, dataset));
  const rows = versions.data?.versions ?? [];
  const newest = rows[0];
  const text = (v: { version: number; rows: number }) => `version ${v.version}, ${formatNumber(v.rows, 0)} rows`;
  return (
    <Field
      label={<code className="text-xs">{dataset}</code>}
      error={versions.isError ? versions.error.message : undefined}
      hint={fixed === null ? undefined : "The file names this version."}
    >
      <Select
        disabled={fixed !== null}
        value={fixed === null ? value : String(fixed)}
        onValueChange={onValue}
        options={[
          ...(fixed === null ? [{ value: "", label: newest ? `newest (${text(newest)})` : "newest" }] : []),
          ...rows.map((row) => ({ value: String(row.version), label: text(row) })),
          ...(fixed !== null && !rows.some((row) => row.version === fixed)
            ? [{ value: String(fixed), label: `version ${fixed}` }]
            : []),
        ]}
      />
    </Field>
  );
}
