"use client";

import { Download, PackageOpen } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import { UNFINISHED_STATUSES } from "#server/governance/contract.ts";
import type { TensorSignature, VersionDto } from "#server/registry/contract.ts";
import { ScoreDialog } from "#components/serving/parts/score-dialog.tsx";
import { ScoringTable } from "#components/serving/parts/scoring-table.tsx";
import { AliasBadge } from "#components/ui/badge.tsx";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatBytes, formatNumber } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Time } from "#components/ui/values.tsx";
import { AliasDialog } from "./alias-dialog.tsx";
import { DescriptionCard } from "./description-card.tsx";
import { GoldenCard } from "./golden-card.tsx";
import { StateBadge } from "./parts/state-badge.tsx";
import { PromotionDialog } from "./parts/promotion-dialog.tsx";

export interface RequestLink {
  readonly number: number;
  readonly status: string;
  readonly headline: string | null;
  readonly createdAt: string;
}
export interface EndpointLink {
  readonly name: string;
  readonly live: boolean;
}
interface Props {
  readonly project: string;
  readonly version: VersionDto;
  readonly requests: readonly RequestLink[];
  readonly endpoints: readonly EndpointLink[];
  readonly scopes: readonly string[];
}

function shapeOf(tensor: TensorSignature): string {
  return `[${tensor.shape.map((d, i) => (d >= 0 ? String(d) : (tensor.symbols[i] ?? "N"))).join(", ")}]`;
}

function Tensors({ title, tensors }: { title: string; tensors: readonly TensorSignature[] }) {
  return (
    <Card title={title} padded={false}>
      <table className="w-full text-xs">
        <thead>
          <tr className="border-b text-muted">
            <th scope="col" className="px-3 py-2 text-left font-medium">
              Name
            </th>
            <th scope="col" className="px-3 py-2 text-left font-medium">
              Type
            </th>
            <th scope="col" className="px-3 py-2 text-left font-medium">
              Shape
            </th>
          </tr>
        </thead>
        <tbody>
          {tensors.map((tensor) => (
            <tr key={tensor.name} className="border-b font-mono last:border-0">
              <td className="px-3 py-1.5">{tensor.name}</td>
              <td className="px-3 py-1.5">{tensor.datatype}</td>
              <td className="px-3 py-1.5">{shapeOf(tensor)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

const RUNTIMES = { onnx: "ONNX Runtime", pyfunc: "Python (MLflow)" } as const;

function SignaturePanel({ version }: { version: VersionDto }) {
  const { signature } = version;
  if (!signature)
    return <EmptyState>This version has no model that can be run, so there is no signature to read.</EmptyState>;
  const facts = Object.entries(signature.metadata);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted">
        {version.runtime === "pyfunc" ? "Read from the model’s own MLmodel" : "Read from the ONNX file itself"}; it
        cannot be edited.
      </p>
      <div className="grid gap-4 lg:grid-cols-2">
        <Tensors title="Inputs" tensors={signature.inputs} />
        <Tensors title="Outputs" tensors={signature.outputs} />
      </div>
      <Card title="File">
        <KeyValue
          columns={2}
          items={[
            { label: "Task", value: signature.task ?? "not stated" },
            { label: "Classes", value: signature.classes?.join(", ") ?? "not stated" },
            version.runtime === "onnx" && {
              label: "Operator set",
              value: signature.opset.map((o) => `${o.domain || "ai.onnx"} ${o.version}`).join(", "),
            },
            version.runtime === "onnx" && { label: "IR version", value: signature.irVersion },
            {
              label: "Producer",
              value: `${signature.producer.name} ${signature.producer.version}`.trim() || "not stated",
            },
            ...facts.map(([label, value]) => ({ label, value: <span className="font-mono text-xs">{value}</span> })),
          ]}
        />
      </Card>
    </div>
  );
}

function MetricsPanel({ version }: { version: VersionDto }) {
  const metrics = Object.entries(version.metrics).sort(([a], [b]) => a.localeCompare(b));
  if (metrics.length === 0) return <EmptyState>No metric was logged for this version.</EmptyState>;
  return (
    <Card description="As the training logged them. A promotion is decided on what the platform computes itself.">
      <KeyValue
        columns={3}
        items={metrics.map(([label, value]) => ({
          label,
          value: <span className="tabular-nums">{formatNumber(value, 4)}</span>,
        }))}
      />
    </Card>
  );
}

function RequestsPanel({ project, requests }: Pick<Props, "project" | "requests">) {
  if (requests.length === 0) return <EmptyState>No promotion of this version was requested yet.</EmptyState>;
  return (
    <ul className="flex flex-col gap-2">
      {requests.map((request) => (
        <li key={request.number} className="flex flex-wrap items-center gap-3 rounded-md border bg-surface px-3 py-2">
          <TextLink href={`/p/${project}/reviews/${request.number}`}>Request {request.number}</TextLink>
          <StatusBadge status={request.status} />
          <span className="min-w-0 flex-1 truncate text-muted">{request.headline ?? "checks are running"}</span>
          <Time at={request.createdAt} />
        </li>
      ))}
    </ul>
  );
}

/** One model version: what it is, is it good, where it comes from, who uses it, what can be done. */
export function VersionPage({ project, version, requests, endpoints, scopes }: Props) {
  const base = `/p/${project}/models/${encodeURIComponent(version.model)}`;
  const open = requests.find((request) => (UNFINISHED_STATUSES as readonly string[]).includes(request.status));
  return (
    <>
      <LiveRefresh topics={["models", "reviews"]} />
      <PageHeader
        title={`${version.model} version ${version.version}`}
        breadcrumb={[{ label: version.model, href: base }, { label: `version ${version.version}` }]}
        badge={<StateBadge state={version.state} />}
        meta={
          <span>
            Registered <Time at={version.createdAt} /> by {version.createdBy ?? "Touchstone"}
          </span>
        }
        actions={
          <>
            {version.runtime === "onnx" ? (
              <LinkButton
                href={`/api/v1/projects/${project}/models/${encodeURIComponent(version.model)}/versions/${version.version}/file`}
                prefetch={false}
                icon={<Download aria-hidden />}
              >
                ONNX file
              </LinkButton>
            ) : null}
            {version.signature && can(scopes, "serving:predict") && can(scopes, "data:write") ? (
              <ScoreDialog project={project} fixed={{ model: version.model, version: version.version }} />
            ) : null}
            {version.runtime === "onnx" ? (
              <LinkButton
                href={`/api/v1/projects/${project}/models/${encodeURIComponent(version.model)}/versions/${version.version}/export`}
                prefetch={false}
                icon={<PackageOpen aria-hidden />}
              >
                Export
              </LinkButton>
            ) : null}
            {can(scopes, "registry:write") ? <AliasDialog project={project} version={version} /> : null}
            {open ? (
              <LinkButton variant="primary" href={`/p/${project}/reviews/${open.number}`}>
                Open request {open.number}
              </LinkButton>
            ) : can(scopes, "governance:request") && version.state !== "champion" && version.incomplete.length === 0 ? (
              <PromotionDialog project={project} version={version} />
            ) : null}
          </>
        }
      />
      <DetailLayout aside={<Glance project={project} version={version} endpoints={endpoints} />}>
        <Tabs
          tabs={[
            {
              id: "overview",
              label: "Overview",
              content: (
                <div className="flex flex-col gap-4">
                  {version.incomplete.length > 0 ? (
                    <Card title="Incomplete" description="A promotion cannot be requested until this is there.">
                      <ul className="list-disc pl-5 text-warn">
                        {version.incomplete.map((reason) => (
                          <li key={reason}>{reason}</li>
                        ))}
                      </ul>
                    </Card>
                  ) : null}
                  {version.signature ? (
                    <GoldenCard project={project} version={version} editable={can(scopes, "registry:write")} />
                  ) : null}
                  <MetricsPanel version={version} />
                  <DescriptionCard project={project} version={version} editable={can(scopes, "registry:write")} />
                </div>
              ),
            },
            { id: "signature", label: "Signature", content: <SignaturePanel version={version} /> },
            {
              id: "scorings",
              label: "Batch scorings",
              content: <ScoringTable project={project} filter={{ model: version.model }} />,
            },
            {
              id: "promotions",
              label: "Promotions",
              count: requests.length,
              content: <RequestsPanel project={project} requests={requests} />,
            },
          ]}
        />
      </DetailLayout>
    </>
  );
}

function Glance({ project, version, endpoints }: Pick<Props, "project" | "version" | "endpoints">) {
  return (
    <div className="flex flex-col gap-4">
      <Card title="At a glance">
        <KeyValue
          items={[
            {
              label: "Aliases",
              value:
                version.aliases.length > 0 ? (
                  <span className="flex flex-wrap gap-1">
                    {version.aliases.map((alias) => (
                      <AliasBadge key={alias} alias={alias} />
                    ))}
                  </span>
                ) : (
                  "none"
                ),
            },
            { label: "Model file", value: version.sha256 ? <Hash value={version.sha256} /> : "none" },
            version.sizeBytes !== null && { label: "Size", value: formatBytes(version.sizeBytes) },
            { label: "Runtime", value: version.runtime === null ? "none" : RUNTIMES[version.runtime] },
            { label: "Source", value: <span className="font-mono text-xs break-all">{version.source || "–"}</span> },
          ]}
        />
      </Card>
      <Card title="Comes from">
        <KeyValue
          items={[
            {
              label: "Run",
              value: version.runId ? (
                <TextLink href={`/p/${project}/experiments/runs/${version.runId}`}>
                  {version.runId.slice(0, 8)}
                </TextLink>
              ) : (
                "not known"
              ),
            },
            {
              label: "Pipeline run",
              value: version.pipelineRun ? (
                <TextLink href={`/p/${project}/pipelines/runs/${version.pipelineRun.number}`}>
                  #{version.pipelineRun.number} {version.pipelineRun.pipeline}
                </TextLink>
              ) : (
                "not known"
              ),
            },
            { label: "Commit", value: version.commit ? <Hash value={version.commit} /> : "not known" },
            {
              label: "Data",
              value: version.dataset ? (
                <TextLink href={`/p/${project}/data/${version.dataset.name}?version=${version.dataset.version}`}>
                  {version.dataset.name} version {version.dataset.version}
                </TextLink>
              ) : (
                "not known"
              ),
            },
          ]}
        />
      </Card>
      <Card title="Used by">
        {endpoints.length === 0 ? (
          <p className="text-muted">No endpoint serves this version.</p>
        ) : (
          <ul className="flex flex-col gap-1">
            {endpoints.map((endpoint) => (
              <li key={endpoint.name} className="flex items-center gap-2">
                <TextLink href={`/p/${project}/endpoints/${endpoint.name}`}>{endpoint.name}</TextLink>
                <StatusBadge status={endpoint.live ? "live" : "stopped"} />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}
