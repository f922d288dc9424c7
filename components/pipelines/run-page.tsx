"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Card } from "#components/ui/card.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import { can } from "#server/identity/contract.ts";
import type { RunDetail, StepDto } from "#server/pipelines/contract.ts";
import { EnvironmentCard } from "./environment-card.tsx";
import { DurationAgainstMedian } from "./parts/duration-against-median.tsx";
import { PipelineStatus } from "./parts/step-status.tsx";
import { triggerText } from "./parts/trigger-text.ts";
import { PipelineGraph, type Selection } from "./pipeline-graph.tsx";
import { runQuery } from "./queries.ts";
import { RunActs } from "./run-acts.tsx";
import { RunGlance } from "./run-glance.tsx";
import { runGraph } from "./run-graph.ts";
import { StepPanel } from "./step-panel.tsx";

/** The step that a reader wants to see first: the one that failed, else the one that runs, else the last. */
function interesting(steps: readonly StepDto[]): StepDto | undefined {
  return (
    steps.find((step) => step.status === "failed") ??
    steps.find((step) => step.status === "running") ??
    steps.findLast((step) => step.attempts.length > 0) ??
    steps[0]
  );
}

/** A run while it happens and ever after: graph, log, files, and where it comes from. */
export function RunPage({
  project,
  initial,
  scopes,
}: {
  project: string;
  initial: RunDetail;
  scopes: readonly string[];
}) {
  const { data: run } = useQuery({ ...runQuery(project, initial.number), initialData: initial });
  const search = useSearch();
  const graph = useMemo(() => runGraph(run), [run]);
  const asked = { step: search.get("step"), cell: search.get("cell") ?? "" };
  const chosen =
    run.stepRuns.find((step) => step.name === asked.step && step.matrixKey === asked.cell) ??
    run.stepRuns.find((step) => step.name === asked.step) ??
    interesting(run.stepRuns);
  const selected: Selection | null = chosen === undefined ? null : { step: chosen.name, cell: chosen.matrixKey };
  const preparing = run.status === "preparing" || run.environment?.status === "failed";
  return (
    <>
      <PageHeader
        title={`Run ${run.number}`}
        badge={
          <PipelineStatus
            status={run.cancelRequestedAt !== null && run.finishedAt === null ? "cancelling" : run.status}
            size="md"
          />
        }
        meta={
          <>
            <span>{run.pipeline}</span>
            <span>
              {run.branch} <code className="text-xs">{run.commit.slice(0, 10)}</code>
            </span>
            <span>
              by {triggerText(run.trigger, run.createdBy)}, <Time at={run.createdAt} />
            </span>
            <DurationAgainstMedian {...run} />
            <span data-number>
              {run.steps.done} of {run.steps.total} steps
            </span>
          </>
        }
        actions={can(scopes, "pipelines:run") ? <RunActs project={project} run={run} /> : undefined}
        breadcrumb={[{ label: `Run ${run.number}` }]}
      />
      {run.error === null ? null : (
        <p role="status" className="mb-4 rounded-md bg-bad-soft px-3 py-2 text-sm">
          {run.error}
        </p>
      )}
      <div className="mb-4">
        <Card title="Steps" padded={false}>
          <PipelineGraph
            label={`Steps of run ${run.number}`}
            steps={graph.steps}
            edges={graph.edges}
            selected={selected}
            onSelect={({ step, cell }) => setSearchParams({ step, cell })}
          />
        </Card>
      </div>
      <DetailLayout aside={<RunGlance project={project} run={run} />}>
        <div className="space-y-4">
          {preparing && run.environment !== null ? <EnvironmentCard environment={run.environment} /> : null}
          {run.status === "queued" ? (
            <p className="text-sm text-muted">
              It waits for a free worker, queued <Time at={run.createdAt} />.
            </p>
          ) : null}
          {chosen === undefined ? null : <StepPanel key={chosen.id} project={project} run={run.number} step={chosen} />}
        </div>
      </DetailLayout>
    </>
  );
}
