"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, type SyntheticEvent, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Checkbox } from "#components/ui/toggle.tsx";
import type { EvaluationTask, PredictionsFileDto } from "#server/tracking/contract.ts";
import { predictionsQuery, startEvaluation } from "./origin-queries.ts";

const PLACE = "touchstone/predictions.csv";

/** Asks what the columns of a file of predictions mean, with the platform's guess filled in, and has the file evaluated. */
export function EvaluateDialog({
  project,
  run,
  artifact,
  trigger,
}: {
  project: string;
  run: string;
  /** The file; without it the reader names one. */
  artifact?: string;
  trigger: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState(artifact ?? PLACE);
  const [asked, setAsked] = useState(artifact ?? "");
  const query = useQuery({ ...predictionsQuery(project, run, asked), enabled: open && asked !== "" });
  const look = (event: SyntheticEvent): void => {
    event.preventDefault();
    setAsked(path.trim());
  };
  return (
    <Dialog
      title="Evaluate predictions"
      description="The platform computes scores, curves and segments from a CSV or Parquet file that the run logged."
      trigger={trigger}
      open={open}
      onOpenChange={setOpen}
      size="lg"
    >
      <div className="space-y-4">
        {artifact === undefined ? (
          <form onSubmit={look} className="flex items-end gap-2">
            <Field label="File of predictions" hint="Its path among the run's artifacts">
              <Input mono value={path} onChange={(event) => setPath(event.target.value)} />
            </Field>
            <Button type="submit" loading={query.isFetching}>
              Look into it
            </Button>
          </form>
        ) : null}
        {query.isLoading ? <Skeleton className="h-40 w-full" /> : null}
        {query.error ? <ErrorNote error={query.error} /> : null}
        {query.data ? (
          <ColumnsForm
            key={query.data.sha256 + query.data.artifact}
            project={project}
            run={run}
            file={query.data}
            onDone={() => setOpen(false)}
          />
        ) : null}
      </div>
    </Dialog>
  );
}

const NONE = "";

function ColumnsForm({
  project,
  run,
  file,
  onDone,
}: {
  project: string;
  run: string;
  file: PredictionsFileDto;
  onDone: () => void;
}) {
  const { guess, columns } = file;
  const [task, setTask] = useState<EvaluationTask>(guess?.task ?? "classification");
  const [label, setLabel] = useState(guess?.columns.label ?? NONE);
  const [prediction, setPrediction] = useState(guess?.columns.prediction ?? NONE);
  const [chances, setChances] = useState<Readonly<Record<string, string>>>(
    Object.fromEntries((guess?.columns.probabilities ?? []).map((one) => [one.class, one.column])),
  );
  const [positive, setPositive] = useState(guess?.positive ?? NONE);
  const [segments, setSegments] = useState<readonly string[]>(guess?.columns.segments ?? []);
  const classes = columns.find((column) => column.name === label)?.distinct ?? null;
  const asked = task === "regression" || classes === null || classes.length > 30 ? [] : classes;
  const numbers = columns.filter((column) => column.kind === "number" && column.name !== label);
  const mutation = useMutation({
    mutationFn: () =>
      startEvaluation(project, {
        runId: run,
        artifact: file.artifact,
        task,
        positive: task === "classification" && asked.length === 2 && positive !== NONE ? positive : null,
        columns: {
          label,
          prediction: prediction === NONE ? null : prediction,
          probabilities:
            task === "regression"
              ? []
              : asked.flatMap((name) => (chances[name] ? [{ column: chances[name], class: name }] : [])),
          segments: [...segments],
        },
      }),
    onSuccess: () => {
      toast.success("The predictions are being evaluated");
      setSearchParams({ tab: "evaluations", evaluation: null });
      onDone();
    },
  });
  const option = (column: { name: string }) => ({ value: column.name, label: column.name });
  const cuts = columns.filter(
    (column) =>
      column.name !== label &&
      column.name !== prediction &&
      column.distinct !== null &&
      column.distinct.length > 1 &&
      column.distinct.length <= 50,
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-sm text-muted">
        <code className="font-mono text-xs">{file.artifact}</code> holds {file.rows.toLocaleString("en")} rows and{" "}
        {columns.length} columns. {file.notes.join(" ")}
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Task">
          <Select
            value={task}
            onValueChange={(value) => setTask(value === "regression" ? "regression" : "classification")}
            options={[
              { value: "classification", label: "Classification" },
              { value: "regression", label: "Regression" },
            ]}
          />
        </Field>
        <Field label="Outcome" hint="What really happened" required>
          <Select value={label} onValueChange={setLabel} placeholder="Choose a column" options={columns.map(option)} />
        </Field>
        <Field label="Prediction" hint={task === "regression" ? undefined : "Without one, the likeliest class"}>
          <Select
            value={prediction}
            onValueChange={setPrediction}
            options={[{ value: NONE, label: "None" }, ...columns.filter((c) => c.name !== label).map(option)]}
          />
        </Field>
        {asked.length === 2 ? (
          <Field label="Positive class" hint="The one that is looked for">
            <Select
              value={positive}
              onValueChange={setPositive}
              options={asked.map((name) => ({ value: name, label: name }))}
            />
          </Field>
        ) : null}
        {asked.map((name) => (
          <Field key={name} label={`Probability of ${name}`}>
            <Select
              value={chances[name] ?? NONE}
              onValueChange={(column) => setChances({ ...chances, [name]: column })}
              options={[{ value: NONE, label: "None" }, ...numbers.map(option)]}
            />
          </Field>
        ))}
      </div>
      {cuts.length > 0 ? (
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Segments</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-1.5">
            {cuts.map((column) => (
              <Checkbox
                key={column.name}
                label={`${column.name} (${column.distinct?.length ?? 0})`}
                checked={segments.includes(column.name)}
                onCheckedChange={(on) =>
                  setSegments(on ? [...segments, column.name] : segments.filter((one) => one !== column.name))
                }
              />
            ))}
          </div>
        </fieldset>
      ) : null}
      <FormError error={mutation.error} />
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending} disabled={label === NONE}>
          Evaluate
        </Button>
      </DialogFooter>
    </form>
  );
}
