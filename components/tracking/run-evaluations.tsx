"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Sigma, Trash2 } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import type { EvaluationDto } from "#server/tracking/contract.ts";
import { EvaluateDialog } from "./evaluate-dialog.tsx";
import { EvaluationView } from "./evaluation-view.tsx";
import { deleteEvaluation, evaluationsQuery } from "./origin-queries.ts";

const LOG_IT = `import mlflow, pandas as pd

table = pd.DataFrame({"label": y_test, "prediction": model.predict(x_test),
                      "probability": model.predict_proba(x_test)[:, 1], "site": x_test["site"]})
table.to_csv("predictions.csv", index=False)
mlflow.log_artifact("predictions.csv", "touchstone")  # evaluated by itself`;

/** The evaluations of a run: one at a time, the newest first, and the way to another. */
export function RunEvaluations({ project, run, writable }: { project: string; run: string; writable: boolean }) {
  const query = useQuery({
    ...evaluationsQuery(project, [run]),
    refetchInterval: ({ state }) =>
      state.data?.some((one) => one.status === "queued" || one.status === "running") === true ? 2000 : false,
  });
  const [asked, setAsked] = useUrlState("evaluation");
  if (query.isPending) return <Skeleton className="h-64 w-full" />;
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const all = query.data;
  const shown = all.find((one) => one.id === asked) ?? all[0];
  const add = writable ? (
    <EvaluateDialog
      project={project}
      run={run}
      trigger={
        <Button size="sm" icon={<Sigma aria-hidden />}>
          Evaluate a file
        </Button>
      }
    />
  ) : null;
  if (!shown)
    return (
      <div className="space-y-3">
        <EmptyState icon={<Sigma aria-hidden />} action={add ?? undefined}>
          No predictions of this run were evaluated. Log a table of outcomes and predictions, and the platform computes
          the scores, the same way for every run and every monitor.
        </EmptyState>
        <CodeBlock title="In the script" code={LOG_IT} />
      </div>
    );
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
        {all.length > 1 ? (
          <Select
            className="w-72"
            size="sm"
            aria-label="Evaluation"
            value={shown.id}
            onValueChange={setAsked}
            options={all.map((one) => ({ value: one.id, label: `${one.name} (${one.artifact})` }))}
          />
        ) : null}
        <span className="font-mono text-xs">{shown.artifact}</span>
        <Hash value={shown.sha256} />
        {shown.status === "done" ? null : <StatusBadge status={shown.status} />}
        <span className="text-muted">
          by {shown.createdBy === "worker" ? "Touchstone" : shown.createdBy}, <Time at={shown.createdAt} />
        </span>
        <span className="flex-1" />
        {add}
        {writable ? <RemoveEvaluation project={project} evaluation={shown} /> : null}
      </div>
      <p className="text-xs text-muted">{columnsText(shown)}</p>
      {shown.error ? <ErrorNote error={new Error(shown.error)} title="The file could not be evaluated" /> : null}
      {shown.result ? <EvaluationView key={shown.id} evaluation={shown} result={shown.result} /> : null}
      {shown.status === "queued" || shown.status === "running" ? <Skeleton className="h-64 w-full" /> : null}
    </div>
  );
}

/** What was read from which column, and how many rows counted. */
function columnsText({ columns, positive, result }: EvaluationDto): string {
  const parts = [
    `outcome ${columns.label}`,
    columns.prediction === null ? "prediction from the probabilities" : `prediction ${columns.prediction}`,
    columns.probabilities.length > 0
      ? `probabilities ${columns.probabilities.map((one) => one.column).join(", ")}`
      : "no probabilities",
    ...(positive === null ? [] : [`positive class ${positive}`]),
    ...(result && result.skipped > 0 ? [`${result.skipped.toLocaleString("en")} incomplete rows left out`] : []),
  ];
  return `Read: ${parts.join(" · ")}`;
}

function RemoveEvaluation({ project, evaluation }: { project: string; evaluation: EvaluationDto }) {
  const client = useQueryClient();
  return (
    <ConfirmDialog
      title="Remove the evaluation"
      touches="its scores and curves; the file of predictions stays"
      action="Remove the evaluation"
      danger
      trigger={<IconButton label="Remove the evaluation" size="sm" icon={<Trash2 aria-hidden />} />}
      onConfirm={async () => {
        await deleteEvaluation(project, evaluation.id);
        await client.invalidateQueries({ queryKey: [project, "runs"] });
      }}
    />
  );
}
