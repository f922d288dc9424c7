"use client";

import { Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { can } from "#server/identity/contract.ts";
import type { DatasetDetail, Origin, VersionDetail, VersionSummary } from "#server/data/contract.ts";
import { ScoreDialog } from "#components/serving/parts/score-dialog.tsx";
import { ScoringTable } from "#components/serving/parts/scoring-table.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Select } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Bytes, Num, Time } from "#components/ui/values.tsx";
import { ValidationBadge } from "./dataset-list.tsx";
import { UploadDialog } from "./upload-dialog.tsx";
import { PreviewPanel, ProfilePanel, SchemaChanges, ValidationPanel } from "./version-panels.tsx";

interface Props {
  readonly project: string;
  readonly dataset: DatasetDetail;
  readonly version: VersionDetail | null;
  readonly scopes: readonly string[];
  /** Model versions that were trained on the shown version: lineage downwards. */
  readonly models: readonly { name: string; version: number }[];
}

/** Where a version came from, in words. */
function originText(origin: Origin): string {
  switch (origin.kind) {
    case "seed":
      return `sample file ${origin.file}`;
    case "upload":
      return `uploaded as ${origin.fileName}`;
    case "pipeline":
      return `output ${origin.output} of step ${origin.step}`;
    case "captured-traffic":
      return `traffic of ${origin.endpoint} with outcomes, ${origin.from.slice(0, 10)} to ${origin.to.slice(0, 10)}`;
    case "batch-scoring":
      return `${origin.dataset} version ${origin.datasetVersion} scored with ${origin.model} version ${origin.modelVersion}`;
  }
}

/** Where a version came from, with ways there where there are some. */
function OriginLinks({ project, origin }: { project: string; origin: Origin }) {
  if (origin.kind !== "batch-scoring") return <>{originText(origin)}</>;
  return (
    <>
      <TextLink href={`/p/${project}/data/${origin.dataset}?version=${origin.datasetVersion}`}>
        {origin.dataset} version {origin.datasetVersion}
      </TextLink>{" "}
      scored with{" "}
      <TextLink href={`/p/${project}/models/${encodeURIComponent(origin.model)}/${origin.modelVersion}`}>
        {origin.model} version {origin.modelVersion}
      </TextLink>
      , <TextLink href={`/p/${project}/scorings/${origin.number}`}>batch scoring {origin.number}</TextLink>
    </>
  );
}

const versionColumns: Column<VersionSummary>[] = [
  {
    id: "version",
    header: "Version",
    value: (v) => v.version,
    cell: (v) => <span className="font-medium">version {v.version}</span>,
    width: 100,
    grow: 0,
  },
  {
    id: "rows",
    header: "Rows",
    value: (v) => v.rows,
    cell: (v) => <Num value={v.rows} digits={0} />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "size",
    header: "Size",
    value: (v) => v.sizeBytes,
    cell: (v) => <Bytes value={v.sizeBytes} />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "validation",
    header: "Expectations",
    value: (v) => v.validation,
    cell: (v) => <ValidationBadge state={v.validation} />,
    width: 130,
    grow: 0,
  },
  { id: "origin", header: "Origin", value: (v) => originText(v.origin), grow: 2, width: 240 },
  { id: "note", header: "Note", value: (v) => v.note, grow: 1, width: 160 },
  { id: "by", header: "By", value: (v) => v.createdBy ?? "Touchstone", width: 140, grow: 0 },
  {
    id: "created",
    header: "Added",
    value: (v) => v.createdAt,
    cell: (v) => <Time at={v.createdAt} />,
    width: 130,
    grow: 0,
  },
  {
    id: "sha256",
    header: "SHA-256",
    value: (v) => v.sha256,
    cell: (v) => <Hash value={v.sha256} />,
    width: 130,
    grow: 0,
  },
];

/** One dataset at one of its versions. */
export function DatasetPage({ project, dataset, version, scopes, models }: Props) {
  const router = useRouter();
  const base = `/p/${project}/data/${dataset.name}`;
  return (
    <>
      <LiveRefresh topics={["datasets"]} />
      <PageHeader
        title={dataset.name}
        breadcrumb={[{ label: dataset.name }]}
        badge={version ? <ValidationBadge state={version.validation} /> : undefined}
        meta={dataset.description}
        actions={
          <>
            {version ? (
              <span className="w-32">
                <Select
                  aria-label="Version"
                  value={String(version.version)}
                  onValueChange={(value) => {
                    router.push(`${base}?version=${value}`);
                  }}
                  options={dataset.versions.map((v) => ({ value: String(v.version), label: `version ${v.version}` }))}
                />
              </span>
            ) : null}
            {version ? (
              <LinkButton
                href={`/api/v1/projects/${project}/datasets/${dataset.name}/versions/${version.version}/file`}
                icon={<Download aria-hidden />}
                prefetch={false}
              >
                Download
              </LinkButton>
            ) : null}
            {version && can(scopes, "serving:predict") && can(scopes, "data:write") ? (
              <ScoreDialog project={project} fixed={{ dataset: dataset.name, datasetVersion: version.version }} />
            ) : null}
            {can(scopes, "data:write") ? <UploadDialog project={project} dataset={dataset.name} /> : null}
          </>
        }
      />
      {version ? (
        <DetailLayout aside={<Glance {...{ project, dataset, version, models }} />}>
          <Tabs
            tabs={[
              {
                id: "profile",
                label: "Profile",
                content: (
                  <ProfilePanel profile={version.profile} state={version.profileState} error={version.profileError} />
                ),
              },
              {
                id: "preview",
                label: "Preview",
                content: <PreviewPanel project={project} dataset={dataset.name} version={version.version} />,
              },
              {
                id: "expectations",
                label: "Expectations",
                ...(version.validationReport ? { count: version.validationReport.rules.length } : {}),
                content: <ValidationPanel report={version.validationReport} />,
              },
              {
                id: "scorings",
                label: "Batch scorings",
                content: <ScoringTable project={project} filter={{ dataset: dataset.name }} />,
              },
              {
                id: "versions",
                label: "Versions",
                count: dataset.versions.length,
                content: (
                  <DataTable
                    label="Versions"
                    rows={[...dataset.versions]}
                    columns={versionColumns}
                    rowId={(v) => v.id}
                    rowHref={(v) => `${base}?version=${v.version}`}
                    param="versions"
                    empty={null}
                  />
                ),
              },
            ]}
          />
        </DetailLayout>
      ) : (
        <EmptyState
          action={can(scopes, "data:write") ? <UploadDialog project={project} dataset={dataset.name} /> : undefined}
        >
          This dataset has no version yet; upload a CSV or Parquet file.
        </EmptyState>
      )}
    </>
  );
}

function Glance({ project, dataset, version, models }: Omit<Props, "scopes"> & { version: VersionDetail }) {
  return (
    <Card title="At a glance">
      <KeyValue
        items={[
          { label: "Version", value: `${version.version} of ${dataset.versions.length}` },
          { label: "Rows", value: <Num value={version.rows} digits={0} /> },
          { label: "Columns", value: version.columns },
          {
            label: "Size",
            value: (
              <>
                <Bytes value={version.sizeBytes} /> {version.format}
              </>
            ),
          },
          { label: "SHA-256", value: <Hash value={version.sha256} /> },
          {
            label: "Added",
            value: (
              <>
                <Time at={version.createdAt} /> by {version.createdBy ?? "Touchstone"}
              </>
            ),
          },
          { label: "Origin", value: <OriginLinks project={project} origin={version.origin} /> },
          version.origin.kind === "batch-scoring" && {
            label: "Approved by",
            value: version.origin.approval ? (
              <>
                {version.origin.approval.approvedBy.join(" and ")},{" "}
                <TextLink href={`/p/${project}/reviews/${version.origin.approval.request}`}>
                  request {version.origin.approval.request}
                </TextLink>
              </>
            ) : (
              <Badge tone="warn">nobody</Badge>
            ),
          },
          version.note !== "" && { label: "Note", value: version.note },
          { label: "Source", value: dataset.source || "not stated" },
          { label: "Licence", value: dataset.licence || "not stated" },
          { label: "Owner", value: dataset.owner ?? "Touchstone" },
          dataset.labelColumn !== null && {
            label: "Label",
            value: <span className="font-mono">{dataset.labelColumn}</span>,
          },
          dataset.timeColumn !== null && {
            label: "Time",
            value: <span className="font-mono">{dataset.timeColumn}</span>,
          },
          {
            label: "In pipelines",
            value: <span className="font-mono">{`dataset:${dataset.name}@${version.version}`}</span>,
          },
          models.length > 0 && {
            label: "Trained from it",
            value: (
              <span className="flex flex-col gap-1">
                {models.map((model) => (
                  <TextLink
                    key={`${model.name}:${model.version}`}
                    href={`/p/${project}/models/${encodeURIComponent(model.name)}/${model.version}`}
                  >
                    {model.name} version {model.version}
                  </TextLink>
                ))}
              </span>
            ),
          },
        ]}
      />
      {version.schemaChanges.length > 0 ? (
        <div className="mt-4">
          <h3 className="mb-2 font-medium">Since version {version.version - 1}</h3>
          <SchemaChanges changes={version.schemaChanges} />
        </div>
      ) : null}
    </Card>
  );
}
