"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FileDown } from "lucide-react";
import { useState } from "react";
import type { ExportDto } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Input, Select } from "#components/ui/input.tsx";
import { Time } from "#components/ui/values.tsx";
import { BulkState } from "./parts/bulk-progress.tsx";
import { exportPath, exportsQuery } from "./parts/bulk-queries.ts";
import { endpointPath, type PredictionFilter } from "./queries.ts";

/** Exports logged predictions as a file: what the list's filters keep, of a span of days. */
export function ExportButton({
  project,
  endpoint,
  filter,
}: {
  project: string;
  endpoint: string;
  filter: PredictionFilter;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title="Export predictions"
      size="md"
      description="Features, answers and outcomes, a row each, as the log holds them. The filters of the list apply. Each export and download is audited."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={<FileDown aria-hidden />}>Export</Button>}
    >
      {open ? <ExportForm project={project} endpoint={endpoint} filter={filter} /> : null}
    </Dialog>
  );
}

function ExportForm({ project, endpoint, filter }: { project: string; endpoint: string; filter: PredictionFilter }) {
  const queries = useQueryClient();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [format, setFormat] = useState("parquet");
  const list = useQuery(exportsQuery(project, endpoint));
  const day = (text: string) => `${text}T00:00:00Z`;
  const start = useMutation({
    mutationFn: () =>
      api<ExportDto>(endpointPath(project, endpoint, "/exports"), {
        body: {
          format,
          ...(from ? { from: day(from) } : {}),
          ...(to ? { to: day(to) } : {}),
          ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== "")),
        },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [project, "bulk", "exports"] }),
  });
  return (
    <div className="space-y-5">
      <form
        className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_9rem_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <Field label="Events from" error={fieldError(start.error, "from")}>
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        <Field label="Until before" error={fieldError(start.error, "to")}>
          <Input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        </Field>
        <Field label="Format">
          <Select
            value={format}
            onValueChange={setFormat}
            options={[
              { value: "parquet", label: "Parquet" },
              { value: "csv", label: "CSV" },
            ]}
          />
        </Field>
        <Button type="submit" variant="primary" loading={start.isPending}>
          Start
        </Button>
      </form>
      <FormError error={start.error} fields={["from", "to"]} />
      <ul className="max-h-72 space-y-3 overflow-auto" aria-label="Exports">
        {list.data?.exports.map((one) => (
          <li key={one.id} className="rounded-md border p-3">
            <div className="mb-2 flex items-center justify-between gap-3 text-xs">
              <span>
                <span className="font-medium">Export {one.number}</span>{" "}
                <span className="text-muted">
                  {one.format}, {spanText(one)}, by {one.createdBy} <Time at={one.createdAt} />
                </span>
              </span>
              {one.sizeBytes === null ? null : (
                <LinkButton
                  size="sm"
                  prefetch={false}
                  icon={<Download aria-hidden />}
                  href={exportPath(project, one.number, "/file")}
                >
                  {formatBytes(one.sizeBytes)}
                </LinkButton>
              )}
            </div>
            <BulkState
              project={project}
              work={one}
              what="Reading the log"
              cancelPath={exportPath(project, one.number, "/cancel")}
            />
          </li>
        ))}
        {list.data?.exports.length === 0 ? (
          <li className="text-sm text-muted">No export yet. A file is kept for seven days.</li>
        ) : null}
      </ul>
    </div>
  );
}

function spanText({ from, to }: ExportDto): string {
  if (from === undefined && to === undefined) return "all events";
  return [from === undefined ? "" : `from ${from.slice(0, 10)}`, to === undefined ? "" : `until ${to.slice(0, 10)}`]
    .filter(Boolean)
    .join(" ");
}
