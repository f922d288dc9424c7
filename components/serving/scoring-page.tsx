"use client";

import { CircleAlert } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import type { ScoringDto } from "#server/serving/contract.ts";
import { Badge } from "#components/ui/badge.tsx";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { formatBytes, plural } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { BulkState } from "./parts/bulk-progress.tsx";
import { scoringPath } from "./parts/bulk-queries.ts";

/** One batch scoring: how far it is, what came out, and where its predictions come from. */
export function ScoringPage({
  project,
  scoring,
  scopes,
}: {
  project: string;
  scoring: ScoringDto;
  scopes: readonly string[];
}) {
  const { result, approval } = scoring;
  const version = `/p/${project}/models/${encodeURIComponent(scoring.model)}/${scoring.version}`;
  const source = `/p/${project}/data/${scoring.dataset}?version=${scoring.datasetVersion}`;
  return (
    <>
      <PageHeader
        title={`Batch scoring ${scoring.number}`}
        breadcrumb={[{ label: "Batch scorings", href: `/p/${project}/scorings` }, { label: `#${scoring.number}` }]}
        badge={<StatusBadge status={scoring.cancelling ? "cancelling" : scoring.status} />}
        meta={
          <span>
            Started <Time at={scoring.createdAt} /> by {scoring.createdBy}
          </span>
        }
        actions={
          result ? (
            <LinkButton variant="primary" href={`/p/${project}/data/${result.dataset}?version=${result.version}`}>
              Open the predictions
            </LinkButton>
          ) : undefined
        }
      />
      <DetailLayout
        aside={
          <Card title="At a glance">
            <KeyValue
              items={[
                {
                  label: "Model",
                  value: (
                    <TextLink href={version}>
                      {scoring.model} version {scoring.version}
                    </TextLink>
                  ),
                },
                {
                  label: "Approved by",
                  value: approval ? (
                    <>
                      {approval.approvedBy.join(" and ")},{" "}
                      <TextLink href={`/p/${project}/reviews/${approval.request}`}>request {approval.request}</TextLink>
                    </>
                  ) : (
                    <Badge tone="warn">nobody</Badge>
                  ),
                },
                {
                  label: "Rows of",
                  value: (
                    <TextLink href={source}>
                      {scoring.dataset} version {scoring.datasetVersion}
                    </TextLink>
                  ),
                },
                { label: "Predictions go to", value: <code className="text-xs">{scoring.into}</code> },
                { label: "Carried over", value: plural(scoring.keep.length, "column") },
                { label: "New columns", value: <code className="text-xs">{scoring.prefix}…</code> },
                scoring.features !== null && {
                  label: "Given in order",
                  value: <code className="text-xs break-all">{scoring.features.join(", ")}</code>,
                },
              ]}
            />
          </Card>
        }
      >
        <div className="space-y-4">
          {approval === null ? (
            <p className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm">
              <CircleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
              Nobody has approved this version. Its predictions say so, and no endpoint answers with it.
            </p>
          ) : null}
          <Card title="Progress">
            <BulkState
              project={project}
              work={scoring}
              what="Scoring"
              cancelPath={can(scopes, "serving:predict") ? scoringPath(project, scoring.number, "/cancel") : null}
            />
          </Card>
          {result ? (
            <Card title="What came out">
              <KeyValue
                columns={2}
                items={[
                  {
                    label: "Dataset version",
                    value: (
                      <TextLink href={`/p/${project}/data/${result.dataset}?version=${result.version}`}>
                        {result.dataset} version {result.version}
                      </TextLink>
                    ),
                  },
                  { label: "Size", value: `${formatBytes(result.sizeBytes)} Parquet` },
                  { label: "SHA-256", value: <Hash value={result.sha256} /> },
                  result.unchanged && { label: "Note", value: "the very same predictions were there already" },
                ]}
              />
            </Card>
          ) : null}
        </div>
      </DetailLayout>
    </>
  );
}
