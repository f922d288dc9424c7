"use client";

import { CircleAlert } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import type { ModelDetail, VersionDto } from "#server/registry/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Stat } from "#components/ui/stat.tsx";
import { Tooltip } from "#components/ui/tooltip.tsx";
import { Time } from "#components/ui/values.tsx";
import { RollbackButton } from "#components/governance/parts/rollback-button.tsx";
import { StateBadge } from "./parts/state-badge.tsx";

const METRICS_SHOWN = 3;

function columnsFor(versions: readonly VersionDto[]): Column<VersionDto>[] {
  const metrics = [...new Set(versions.flatMap((version) => Object.keys(version.metrics)))].sort();
  return [
    {
      id: "version",
      header: "Version",
      value: (v) => v.version,
      cell: (v) => <span className="font-medium">version {v.version}</span>,
      width: 100,
      grow: 0,
    },
    {
      id: "state",
      header: "State",
      value: (v) => v.state,
      cell: (v) => <StateBadge state={v.state} />,
      width: 130,
      grow: 0,
    },
    {
      id: "aliases",
      header: "Aliases",
      value: (v) => v.aliases.join(" "),
      cell: (v) => (
        <span className="flex gap-1">
          {v.aliases.map((alias) => (
            <AliasBadge key={alias} alias={alias} />
          ))}
        </span>
      ),
      sort: false,
      width: 150,
      grow: 0,
    },
    ...metrics.map(
      (name, i): Column<VersionDto> => ({
        id: `metric:${name}`,
        header: name,
        value: (v) => v.metrics[name] ?? null,
        cell: (v) => (v.metrics[name] === undefined ? "–" : formatNumber(v.metrics[name], 4)),
        numeric: true,
        width: 100,
        grow: 0,
        hidden: i >= METRICS_SHOWN,
      }),
    ),
    {
      id: "data",
      header: "Data",
      value: (v) => (v.dataset ? `${v.dataset.name} ${v.dataset.version}` : ""),
      cell: (v) =>
        v.dataset ? `${v.dataset.name} version ${v.dataset.version}` : <span className="text-muted">not known</span>,
      grow: 1,
      width: 160,
    },
    {
      id: "commit",
      header: "Commit",
      value: (v) => v.commit ?? "",
      cell: (v) => (v.commit ? <Hash value={v.commit} /> : <span className="text-muted">not known</span>),
      width: 120,
      grow: 0,
    },
    {
      id: "complete",
      header: "Evidence",
      value: (v) => v.incomplete.length,
      cell: (v) =>
        v.incomplete.length === 0 ? (
          "complete"
        ) : (
          <Tooltip text={v.incomplete.join(" ")}>
            <span tabIndex={0} className="flex items-center gap-1 text-warn">
              <CircleAlert className="size-3.5" aria-hidden /> incomplete
            </span>
          </Tooltip>
        ),
      width: 120,
      grow: 0,
    },
    { id: "by", header: "By", value: (v) => v.createdBy ?? "Touchstone", width: 130, grow: 0 },
    {
      id: "created",
      header: "Registered",
      value: (v) => v.createdAt,
      cell: (v) => <Time at={v.createdAt} />,
      width: 130,
      grow: 0,
    },
  ];
}

/** One registered model: its champion, its challengers, all its versions. */
export function ModelPage({
  project,
  model,
  scopes,
}: {
  project: string;
  model: ModelDetail;
  scopes: readonly string[];
}) {
  const challengers = model.versions.filter(
    (version) => version.state === "challenger" || version.state === "candidate",
  );
  const href = (version: number): string => `/p/${project}/models/${encodeURIComponent(model.name)}/${version}`;
  return (
    <>
      <LiveRefresh topics={["models", "reviews"]} />
      <PageHeader
        title={model.name}
        breadcrumb={[{ label: model.name }]}
        meta={model.description || undefined}
        actions={
          model.champion && can(scopes, "governance:rollback") ? (
            <RollbackButton project={project} model={model.name} />
          ) : undefined
        }
      />
      <div className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(180px,1fr))] gap-3">
        <Stat
          label="Champion"
          value={model.champion ? `version ${model.champion.version}` : "none yet"}
          role="champion"
        />
        <Stat
          label="Challengers"
          value={
            challengers.length === 0 ? "none" : challengers.map((version) => `version ${version.version}`).join(", ")
          }
          role="challenger"
        />
        <Stat label="Versions" value={model.versions.length} />
      </div>
      <DataTable
        label="Versions"
        rows={[...model.versions]}
        columns={columnsFor(model.versions)}
        rowId={(v) => v.id}
        rowHref={(v) => href(v.version)}
        search="Search versions"
        sort={{ id: "version", desc: true }}
        empty={
          <EmptyState
            action={
              <LinkButton variant="primary" href={`/p/${project}/pipelines`}>
                Run a pipeline
              </LinkButton>
            }
          >
            This model has no version yet.
          </EmptyState>
        }
      />
    </>
  );
}
