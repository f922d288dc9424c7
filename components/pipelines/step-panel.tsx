"use client";

import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { formatBytes, formatDuration } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Bytes, Elapsed, Num, Time } from "#components/ui/values.tsx";
import type { AttemptDto, StepDto } from "#server/pipelines/contract.ts";
import { LogView } from "./log-view.tsx";
import { DurationAgainstMedian } from "./parts/duration-against-median.tsx";
import { PipelineStatus } from "./parts/step-status.tsx";
import { StepFiles } from "./step-outputs.tsx";
import { StepResultLink } from "./step-result.tsx";

interface Props {
  project: string;
  run: number;
  step: StepDto;
}

const ISOLATION: Readonly<Record<string, string>> = {
  bubblewrap: "Own file system, processes and rights (bubblewrap)",
  namespaces: "Own processes and no rights; the platform's files are hidden (namespaces)",
  process: "A process of its own, with the worker's rights: run only code you trust",
  worker: "A built-in step, inside the worker",
};

/** One step of a run: its log, its files, its attempts. */
export function StepPanel({ project, run, step }: Props) {
  const title = step.matrixKey === "" ? step.name : `${step.name} (${step.matrixKey.replaceAll(",", ", ")})`;
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {title} <PipelineStatus status={step.status} />
        </span>
      }
      actions={
        <span className="text-xs text-muted">
          <DurationAgainstMedian {...step} />
        </span>
      }
    >
      <div className="space-y-3">
        <StepNews project={project} step={step} />
        <Tabs
          param="view"
          label="Step"
          tabs={[
            { id: "log", label: "Log", content: <StepLog project={project} run={run} step={step} /> },
            {
              id: "files",
              label: "Inputs and outputs",
              content: <StepFiles project={project} run={run} step={step} />,
            },
            { id: "attempts", label: "Attempts", count: step.attempts.length, content: <StepAttempts step={step} /> },
          ]}
        />
      </div>
    </Card>
  );
}

/** What has to be known first: why it failed, what its gate found, what it registered. */
function StepNews({ project, step }: { project: string; step: StepDto }) {
  return (
    <>
      {step.error === null || step.gate?.passed === false ? null : (
        <p className="text-sm">
          <StatusBadge status={step.status === "skipped" ? "skipped" : "failed"} /> {step.error}
        </p>
      )}
      {step.gate === null ? null : (
        <p className="text-sm">
          <StatusBadge
            status={step.gate.passed ? "passed" : "failed"}
            label={step.gate.passed ? "Gate passed" : "Gate failed"}
          />{" "}
          {step.gate.text}
        </p>
      )}
      {step.result === null ? null : (
        <p className="text-sm">
          <StatusBadge status="succeeded" label={step.kind === "score" ? "Scored" : "Registered"} />{" "}
          <StepResultLink project={project} result={step.result} />
        </p>
      )}
      {step.reusedFrom === null ? null : (
        <p className="text-sm text-muted">
          Its result was taken over from{" "}
          <TextLink href={`/p/${project}/pipelines/runs/${step.reusedFrom}`}>run {step.reusedFrom}</TextLink>.
        </p>
      )}
    </>
  );
}

function StepLog({ project, run, step }: Props) {
  const newest = step.attempts.at(-1);
  const [chosen, setChosen] = useState("");
  const attempt = step.attempts.find((a) => a.id === chosen) ?? newest;
  if (attempt === undefined)
    return (
      <p className="text-sm text-muted">
        {step.reusedFrom === null
          ? "It has not begun, so there is no log."
          : "It did not run here; its log is in the run it came from."}
      </p>
    );
  return (
    <div className="space-y-2">
      {step.attempts.length > 1 ? (
        <Select
          aria-label="Attempt"
          className="w-64"
          size="sm"
          value={attempt.id}
          onValueChange={setChosen}
          options={step.attempts.map((a) => ({
            value: a.id,
            label: `Attempt ${a.number}: ${a.status.replaceAll("_", " ")}`,
          }))}
        />
      ) : null}
      <LogView key={attempt.id} project={project} run={run} attempt={attempt} />
    </div>
  );
}

function StepAttempts({ step }: { step: StepDto }) {
  return (
    <div className="space-y-4">
      <CodeBlock title="Command" code={step.command} wrap />
      {step.kind === "run" ? (
        <KeyValue
          columns={2}
          items={[
            { label: "Time limit", value: formatDuration(step.limits.timeoutMs) },
            { label: "Memory limit", value: formatBytes(step.limits.memoryBytes) },
            { label: "Processors", value: <Num value={step.limits.cpu} /> },
            { label: "Attempts", value: `at most ${step.limits.attempts}` },
          ]}
        />
      ) : null}
      {step.attempts.length === 0 ? <p className="text-sm text-muted">No attempt yet.</p> : null}
      {step.attempts.map((attempt) => (
        <AttemptFacts key={attempt.id} attempt={attempt} />
      ))}
    </div>
  );
}

function AttemptFacts({ attempt }: { attempt: AttemptDto }) {
  return (
    <section className="space-y-2 rounded-md border p-3">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <h3 className="font-medium">Attempt {attempt.number}</h3>
        <PipelineStatus status={attempt.status} />
        <Badge icon={<ShieldCheck aria-hidden />} title={ISOLATION[attempt.isolation]}>
          {attempt.isolation}
        </Badge>
        {attempt.message === null ? null : <span>{attempt.message}</span>}
      </div>
      <KeyValue
        columns={2}
        items={[
          { label: "Started", value: <Time at={attempt.startedAt} /> },
          { label: "Took", value: <Elapsed from={attempt.startedAt} to={attempt.finishedAt} /> },
          { label: "Peak memory", value: <Bytes value={attempt.peakRssBytes} /> },
          attempt.exitCode !== null && { label: "Exit code", value: String(attempt.exitCode) },
          {
            label: "Log",
            value: `${formatBytes(attempt.logBytes)}${attempt.logTruncated ? ", cut at its limit" : ""}`,
          },
          { label: "Worker", value: <code className="text-xs">{attempt.worker}</code> },
        ]}
      />
    </section>
  );
}
