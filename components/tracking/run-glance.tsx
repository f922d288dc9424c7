"use client";

import { Card } from "#components/ui/card.tsx";
import { Hash, Id } from "#components/ui/copy.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { AliasBadge } from "#components/ui/badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { type LoggedModelDto, type RunDto, type RunSummaryDto, TAGS } from "#server/tracking/contract.ts";
import { RunStatusBadge } from "./parts/run-status.tsx";

/** A version that was registered from the run. */
export interface RegisteredFrom {
  readonly model: string;
  readonly version: number;
  readonly aliases: readonly string[];
}

export interface RunLineage {
  readonly models: readonly LoggedModelDto[];
  readonly versions: readonly RegisteredFrom[];
  readonly nested: readonly RunSummaryDto[];
  readonly parent: { readonly id: string; readonly name: string } | null;
}

/** Of a run without an end: it goes on, or its client never said when it ended. */
function unended(status: RunDto["status"]): string {
  return status === "RUNNING" || status === "SCHEDULED" ? "not yet" : "not stated";
}

/** Where a run comes from, what came of it, and its ids to copy. */
export function RunGlance({ project, run, lineage }: { project: string; run: RunDto; lineage: RunLineage }) {
  const tag = (key: string): string | undefined => run.tags.find((one) => one.key === key)?.value;
  const claimed = tag("mlflow.source.git.commit");
  const parent = tag(TAGS.parentRun);
  const at = `/p/${project}`;
  return (
    <>
      <Card title="Comes from">
        <KeyValue
          items={[
            lineage.parent && {
              label: "Parent run",
              value: <TextLink href={`${at}/experiments/runs/${lineage.parent.id}`}>{lineage.parent.name}</TextLink>,
            },
            lineage.parent === null &&
              parent !== undefined && {
                label: "Parent run",
                value: (
                  <span>
                    <Hash value={parent} /> <span className="text-xs text-muted">is not here any more</span>
                  </span>
                ),
              },
            run.pipeline && {
              label: "Pipeline run",
              value:
                run.pipeline.number === null ? (
                  (run.pipeline.name ?? "run")
                ) : (
                  <TextLink href={`${at}/pipelines/runs/${run.pipeline.number}`}>
                    {run.pipeline.name ?? "run"} #{run.pipeline.number}
                  </TextLink>
                ),
            },
            run.pipeline && { label: "Step", value: run.pipeline.step },
            run.commit !== null && { label: "Commit", value: <Hash value={run.commit} /> },
            run.commit === null &&
              claimed !== undefined && {
                label: "Commit",
                value: (
                  <span>
                    <Hash value={claimed} /> <span className="text-xs text-muted">as the script says</span>
                  </span>
                ),
              },
            run.datasets.length > 0 && {
              label: run.datasets.length > 1 ? "Datasets" : "Dataset",
              value: run.datasets.map((d) => (
                <div key={d.versionId}>
                  <TextLink href={`${at}/data/${encodeURIComponent(d.name)}?version=${d.version}`}>
                    {d.name} version {d.version}
                  </TextLink>
                </div>
              )),
            },
            tag("mlflow.source.name") !== undefined && {
              label: "Source",
              value: <span className="font-mono text-xs break-all">{tag("mlflow.source.name")}</span>,
            },
            { label: "User", value: run.createdBy ?? (run.userName || "Touchstone") },
          ]}
        />
        {run.pipeline === null ? (
          <p className="mt-2 text-xs text-muted">
            Logged from outside a pipeline, so Touchstone cannot vouch for its commit and data.
          </p>
        ) : null}
      </Card>
      <Card title="Led to">
        <KeyValue
          items={[
            ...lineage.versions.map((v) => ({
              label: "Version",
              value: (
                <span className="flex flex-wrap items-center gap-1.5">
                  <TextLink href={`${at}/models/${encodeURIComponent(v.model)}/${v.version}`}>
                    {v.model} {v.version}
                  </TextLink>
                  {v.aliases.map((alias) => (
                    <AliasBadge key={alias} alias={alias} />
                  ))}
                </span>
              ),
            })),
            ...lineage.models.map((model) => ({
              label: "Logged model",
              value: (
                <TextLink href={`?tab=artifacts&file=${encodeURIComponent(`${model.id}:MLmodel`)}`}>
                  {model.name}
                </TextLink>
              ),
            })),
            lineage.versions.length + lineage.models.length === 0 && { label: "Models", value: "none" },
          ]}
        />
      </Card>
      {lineage.nested.length > 0 ? (
        <Card title="Nested runs" description={`${lineage.nested.length}`}>
          <ul className="max-h-60 space-y-1 overflow-auto text-sm">
            {lineage.nested.map((child) => (
              <li key={child.id} className="flex items-center justify-between gap-2">
                <span className="min-w-0 truncate">
                  <TextLink href={`${at}/experiments/runs/${child.id}`}>{child.name}</TextLink>
                </span>
                <RunStatusBadge status={child.status} />
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      <Card title="At a glance">
        <KeyValue
          items={[
            { label: "Run id", value: <Id value={run.id} /> },
            { label: "Experiment", value: `${run.experimentName} (${run.experiment})` },
            { label: "Started", value: <Time at={run.startTime} /> },
            { label: "Ended", value: run.endTime === null ? unended(run.status) : <Time at={run.endTime} /> },
          ]}
        />
      </Card>
    </>
  );
}
