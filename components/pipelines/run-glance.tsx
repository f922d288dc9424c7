"use client";

import { useQuery } from "@tanstack/react-query";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash, Id } from "#components/ui/copy.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import type { RunDetail } from "#server/pipelines/contract.ts";
import { triggerText } from "./parts/trigger-text.ts";
import { trackedRunsQuery } from "./queries.ts";
import { StepResultLink } from "./step-result.tsx";

/** Where a run comes from and what came out of it. */
export function RunGlance({ project, run }: { project: string; run: RunDetail }) {
  const registered = run.stepRuns.flatMap((step) => (step.result === null ? [] : [step.result]));
  return (
    <>
      <Card title="At a glance">
        <KeyValue
          items={[
            { label: "Commit", value: <Hash value={run.commit} /> },
            { label: "Branch", value: run.branch },
            { label: "File", value: <code className="text-xs">{run.path}</code> },
            { label: "Started by", value: triggerText(run.trigger, run.createdBy) },
            { label: "Created", value: <Time at={run.createdAt} /> },
            run.rerunOf !== null && {
              label: "Repeats",
              value: <TextLink href={`/p/${project}/pipelines/runs/${run.rerunOf}`}>run {run.rerunOf}</TextLink>,
            },
            run.cancelledBy !== null && { label: "Cancelled by", value: run.cancelledBy },
            { label: "Run id", value: <Id value={run.id} /> },
          ]}
        />
      </Card>
      <Card title="Registered">
        {registered.length === 0 ? <p className="text-sm text-muted">No model version.</p> : null}
        {registered.map((result) => (
          <p key={"versionId" in result ? result.versionId : result.datasetVersionId}>
            <StepResultLink project={project} result={result} />
          </p>
        ))}
      </Card>
      <TrackedRuns project={project} run={run} />
      <Card title="Datasets">
        <KeyValue
          items={Object.entries(run.datasets).map(([reference, dataset]) => ({
            label: reference,
            value: (
              <span className="flex flex-wrap items-center gap-x-2">
                <TextLink href={`/p/${project}/data/${dataset.name}?version=${dataset.version}`}>
                  version {dataset.version}
                </TextLink>
                <Hash value={dataset.sha256} />
              </span>
            ),
          }))}
        />
        {Object.keys(run.datasets).length === 0 ? <p className="text-sm text-muted">It reads none.</p> : null}
      </Card>
      <Card title="Parameters">
        <KeyValue
          items={Object.entries(run.params).map(([name, value]) => ({
            label: <code className="text-xs">{name}</code>,
            value: <code className="text-xs">{String(value)}</code>,
          }))}
        />
        {Object.keys(run.params).length === 0 ? <p className="text-sm text-muted">The file declares none.</p> : null}
      </Card>
    </>
  );
}

function TrackedRuns({ project, run }: { project: string; run: RunDetail }) {
  const tracked = useQuery(trackedRunsQuery(project, run.number));
  const rows = tracked.data ?? [];
  return (
    <Card title="Experiment runs">
      {tracked.isPending ? <Skeleton className="h-4 w-40" /> : null}
      {tracked.isError ? <p className="text-sm text-muted">They could not be read: {tracked.error.message}</p> : null}
      {tracked.isSuccess && rows.length === 0 ? (
        <p className="text-sm text-muted">Its steps have logged none.</p>
      ) : null}
      <ul className="space-y-1">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-wrap items-center gap-2 text-sm">
            <TextLink href={`/p/${project}/experiments/runs/${row.id}`}>{row.name}</TextLink>
            <StatusBadge status={row.status} />
            <span className="text-xs text-muted">{row.step}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
