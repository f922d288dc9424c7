"use client";

import { useQuery } from "@tanstack/react-query";
import { Download, TriangleAlert } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { CopyButton, Hash } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatBytes, plural } from "#components/ui/format.ts";
import { KeyValue, type KeyValueItem } from "#components/ui/key-value.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { RunOriginDto } from "#server/pipelines/contract.ts";
import { CodeSince } from "./code-since.tsx";
import { lockAddress, originQuery } from "./origin-queries.ts";
import { RunReproductions } from "./run-reproductions.tsx";
import { RunSelections } from "./selection-list.tsx";

/** Text to read and to copy. */
function Copied({ children }: { children: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <span className="min-w-0 font-mono text-xs break-all">{children}</span>
      <CopyButton text={children} />
    </span>
  );
}

const stated = <Badge>stated by the client</Badge>;

/** Everything a run remembers without having been asked: code, data, parameters, versions, machine, command; and what was made of it since. */
export function RunOrigin({ project, run }: { project: string; run: string }) {
  const query = useQuery(originQuery(project, run));
  if (query.isPending) return <Skeleton className="h-96 w-full" />;
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const origin = query.data;
  return (
    <div className="space-y-4">
      {origin.missing.length > 0 ? <Missing origin={origin} /> : null}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <CodeCard project={project} origin={origin} />
        <DataCard project={project} origin={origin} />
        <StartCard project={project} origin={origin} />
        <MachineCard origin={origin} />
      </div>
      {origin.environment.command === null ? null : (
        <CodeBlock title="Command" code={origin.environment.command} wrap />
      )}
      {origin.code.diff === null ? null : (
        <CodeBlock title="Uncommitted changes, as the client sent them" code={origin.code.diff} maxHeight={320} />
      )}
      {origin.code.commit !== null && origin.code.distance !== null && origin.code.distance.files.length > 0 ? (
        <CodeSince project={project} commit={origin.code.commit} distance={origin.code.distance} />
      ) : null}
      <Packages project={project} run={run} origin={origin} />
      {origin.kind === "pipeline" ? <RunReproductions project={project} run={run} /> : null}
      <RunSelections project={project} run={run} />
    </div>
  );
}

function Missing({ origin }: { origin: RunOriginDto }) {
  return (
    <section aria-label="What is missing to make it again" className="rounded-md border bg-surface px-4 py-3 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <TriangleAlert className="size-4 text-warn" aria-hidden />
        {origin.kind === "client"
          ? "It was logged from outside a pipeline, so Touchstone cannot make it again. What is missing:"
          : "It cannot be made again. What is missing:"}
      </p>
      <ul className="mt-1.5 list-disc space-y-0.5 pl-10 text-muted">
        {origin.missing.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      {origin.kind === "client" ? (
        <p className="mt-1.5 pl-6 text-muted">
          As a step of a pipeline the same script has all of it, without a line more.
        </p>
      ) : null}
    </section>
  );
}

function CodeCard({ project, origin }: { project: string; origin: RunOriginDto }) {
  const { code } = origin;
  const { distance } = code;
  return (
    <Card title="Code">
      <KeyValue
        items={[
          {
            label: "Commit",
            value:
              code.commit === null ? (
                "not known"
              ) : (
                <span className="flex flex-wrap items-center gap-2">
                  <Hash value={code.commit} /> {code.stated ? stated : null}
                </span>
              ),
          },
          code.branch !== null && { label: "Branch", value: <Copied>{code.branch}</Copied> },
          code.repository !== null && { label: "Repository", value: <Copied>{code.repository}</Copied> },
          code.source !== null && {
            label: "Script",
            value: (
              <span className="flex flex-wrap items-center gap-2">
                <Copied>{code.source}</Copied> {stated}
              </span>
            ),
          },
          {
            label: "Uncommitted",
            value:
              code.dirty === false
                ? code.stated
                  ? "nothing, as the client says"
                  : "nothing: a step runs in a fresh checkout"
                : code.dirty === true
                  ? "yes, as the client says"
                  : "not known",
          },
          distance !== null && {
            label: "Since then",
            value:
              distance.behind === 0 && distance.ahead === 0
                ? `It is the newest commit of ${distance.branch}.`
                : `${distance.branch} is ${plural(distance.behind, "commit")} further${distance.ahead > 0 ? `, and the run's own line has ${plural(distance.ahead, "commit")} that it lacks` : ""}; ${distance.files.length === 0 ? "no file differs" : "see what changed below"}.`,
          },
          code.commit !== null &&
            distance !== null && {
              label: "",
              value: (
                <TextLink href={`/p/${project}/code?branch=${encodeURIComponent(distance.branch)}`}>
                  Open the code
                </TextLink>
              ),
            },
        ]}
      />
    </Card>
  );
}

function DataCard({ project, origin }: { project: string; origin: RunOriginDto }) {
  const { environment, datasets, inputs } = origin;
  return (
    <Card title="Data, seed and parameters">
      <KeyValue
        items={[
          ...datasets.map(
            (one): KeyValueItem => ({
              label: "Dataset",
              value: (
                <span className="flex flex-wrap items-center gap-x-2">
                  <TextLink href={`/p/${project}/data/${encodeURIComponent(one.name)}?version=${one.version}`}>
                    {one.name} version {one.version}
                  </TextLink>
                  {one.sha256 === "" ? null : <Hash value={one.sha256} />}
                </span>
              ),
            }),
          ),
          datasets.length === 0 && { label: "Dataset", value: "no version of this project" },
          ...inputs.map(
            (one): KeyValueItem => ({
              label: "Input",
              value: (
                <span className="flex flex-wrap items-center gap-x-2">
                  {one.name} <Hash value={one.digest} /> {one.context === null ? null : <Badge>{one.context}</Badge>}{" "}
                  {stated}
                </span>
              ),
            }),
          ),
          {
            label: "Seed",
            value: environment.seed ? (
              <Copied>{`${environment.seed.name} = ${environment.seed.value}`}</Copied>
            ) : (
              "no parameter is named seed"
            ),
          },
          ...Object.entries(origin.pipeline?.params ?? {}).map(
            ([name, value]): KeyValueItem => ({ label: name, value: <Copied>{String(value)}</Copied> }),
          ),
        ]}
      />
    </Card>
  );
}

function StartCard({ project, origin }: { project: string; origin: RunOriginDto }) {
  const { pipeline, who } = origin;
  return (
    <Card title="Who and why">
      <KeyValue
        items={[
          { label: "Started by", value: who.known ?? "Touchstone" },
          who.stated !== null &&
            who.stated !== "" && {
              label: "User",
              value: (
                <span className="flex flex-wrap items-center gap-2">
                  {who.stated} {stated}
                </span>
              ),
            },
          pipeline && { label: "Trigger", value: pipeline.trigger },
          pipeline && {
            label: "Pipeline run",
            value: (
              <TextLink href={`/p/${project}/pipelines/runs/${pipeline.runNumber}`}>
                {pipeline.name} #{pipeline.runNumber}
              </TextLink>
            ),
          },
          pipeline && { label: "File", value: <Copied>{pipeline.path}</Copied> },
          pipeline && { label: "Step", value: <Copied>{pipeline.step}</Copied> },
          pipeline && pipeline.attempt !== null && { label: "Attempt", value: String(pipeline.attempt) },
        ]}
      />
    </Card>
  );
}

function MachineCard({ origin }: { origin: RunOriginDto }) {
  const { hardware, python, node } = origin.environment;
  return (
    <Card title="Versions and machine">
      <KeyValue
        items={[
          python !== null && {
            label: "Python",
            value: (
              <span className="flex flex-wrap items-center gap-2">
                <Copied>{python}</Copied> {origin.environment.stated ? stated : null}
              </span>
            ),
          },
          node !== null && { label: "Node", value: <Copied>{node}</Copied> },
          hardware && {
            label: "Processor",
            value: `${hardware.processor || "unknown"}, ${plural(hardware.cores, "core")}`,
          },
          hardware && {
            label: "Given",
            value: `${plural(hardware.coresGiven, "core")}, at most ${formatBytes(hardware.memoryLimitBytes)}`,
          },
          hardware && { label: "Memory", value: formatBytes(hardware.memoryBytes) },
          hardware && { label: "Graphics", value: hardware.gpus.length > 0 ? hardware.gpus.join(", ") : "none" },
          hardware && { label: "System", value: `${hardware.platform}, ${hardware.release}` },
          hardware && { label: "Machine", value: <Copied>{hardware.host}</Copied> },
          hardware === null && {
            label: "Machine",
            value: origin.kind === "client" ? "not known: the run came from outside" : "not kept when it ran",
          },
        ]}
      />
    </Card>
  );
}

const packageColumns: Column<{ name: string; version: string }>[] = [
  { id: "name", header: "Package", value: (p) => p.name, width: 220, grow: 2 },
  {
    id: "version",
    header: "Version",
    value: (p) => p.version,
    cell: (p) => <span className="font-mono text-xs">{p.version}</span>,
    width: 140,
    grow: 1,
  },
];

function Packages({ project, run, origin }: { project: string; run: string; origin: RunOriginDto }) {
  const { packages, lockSha256, sources } = origin.environment;
  if (packages === null) return null;
  const rows = Object.entries(packages).map(([name, version]) => ({ name, version }));
  return (
    <Card
      title="Packages"
      description={`${plural(rows.length, "package")}, from ${sources.join(", ")}`}
      actions={
        <span className="flex items-center gap-2">
          {origin.environment.stated ? stated : null}
          {lockSha256 === null ? null : <Hash value={lockSha256} />}
          <CopyButton text={rows.map((row) => `${row.name}==${row.version}`).join("\n")} label="Copy the list" />
          {origin.lock ? (
            <LinkButton
              size="sm"
              href={lockAddress(project, run)}
              icon={<Download aria-hidden />}
              download
              prefetch={false}
            >
              Lock
            </LinkButton>
          ) : null}
        </span>
      }
    >
      <DataTable
        label="Packages"
        rows={rows}
        columns={packageColumns}
        rowId={(p) => p.name}
        search="Search packages"
        param="pkg"
        maxHeight="360px"
      />
    </Card>
  );
}
