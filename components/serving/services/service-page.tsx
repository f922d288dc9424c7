"use client";

import { FileJson } from "lucide-react";
import { can } from "#server/identity/contract.ts";
import type { ServiceDetail } from "#server/serving/contract.ts";
import { buttonStyle } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Time } from "#components/ui/values.tsx";
import { Address } from "../address.tsx";
import { HealthWords } from "../health-words.tsx";
import { PublicationTable } from "./publication-table.tsx";
import { servicePath } from "./queries.ts";
import { ServiceActs } from "./service-acts.tsx";
import { ServiceCallPanel } from "./service-call.tsx";
import { ServiceHealth } from "./service-health.tsx";
import { ServiceLog } from "./service-log.tsx";

/** A customised service: what answers, how it does, how to call it, what it was asked. */
export function ServicePage({
  project,
  service,
  scopes,
}: {
  project: string;
  service: ServiceDetail;
  scopes: readonly string[];
}) {
  const { name, live } = service;
  return (
    <>
      <PageHeader
        title={name}
        breadcrumb={[{ label: name }]}
        badge={
          <>
            <ServiceHealth health={service.health} reason={service.reason} />
            {live ? <span className="text-sm">publication {live.number}</span> : null}
          </>
        }
        meta={
          <>
            <span>
              service from <code className="text-xs">{service.path}</code>
            </span>
            {live ? (
              <span>
                published by {live.publishedBy}, answers since <Time at={live.liveAt} />
              </span>
            ) : null}
          </>
        }
        actions={can(scopes, "serving:write") ? <ServiceActs project={project} service={service} /> : null}
      />
      <div className="space-y-4">
        <HealthWords reason={service.reason} health={service.health} words={inPlainWords(service)} />
        <DetailLayout aside={<Glance project={project} service={service} />}>
          <Tabs
            tabs={[
              {
                id: "call",
                label: "Call it",
                content: service.input ? (
                  <ServiceCallPanel key={live?.number ?? 0} project={project} service={service} scopes={scopes} />
                ) : (
                  <EmptyState>Its code was never loaded, so its schemas are not known yet.</EmptyState>
                ),
              },
              can(scopes, "serving:log") && {
                id: "log",
                label: "Log",
                content: <ServiceLog project={project} service={service} />,
              },
              {
                id: "publications",
                label: "Publications",
                count: service.publications.length,
                content: <PublicationTable service={service} />,
              },
            ]}
          />
        </DetailLayout>
      </div>
    </>
  );
}

function inPlainWords({ lastHour, crashesLastDay }: ServiceDetail): string {
  const { requests, failed, p95Ms } = lastHour;
  const crashes =
    crashesLastDay > 0 ? ` Its process ended by itself ${plural(crashesLastDay, "time")} in the last day.` : "";
  if (requests === 0) return `Nobody asked it in the last hour.${crashes}`;
  const answered = failed === 0 ? "none failed" : `${formatPercent(failed / requests, 2)} failed`;
  const speed = p95Ms === null ? "" : `; 95 of 100 answers took at most ${formatNumber(p95Ms)} ms`;
  return `In the last hour ${plural(requests, "request")}, ${answered}${speed}.${crashes}`;
}

function Glance({ project, service }: { project: string; service: ServiceDetail }) {
  const { address, live, changedBy } = service;
  const rules = Object.entries(service.redaction);
  return (
    <Card title="At a glance">
      <KeyValue
        items={[
          {
            label: "Address",
            value: <Address url={address} />,
          },
          live && { label: "Commit", value: <Hash value={live.commit} /> },
          { label: "Memory", value: `${formatNumber(service.memoryMb)} MB` },
          { label: "Processors", value: formatNumber(service.cpu) },
          { label: "Time limit", value: `${formatNumber(service.timeoutMs / 1000)} s` },
          {
            label: "Not kept in the log",
            value: rules.length === 0 ? "nothing" : rules.map(([field, rule]) => `${field} (${rule})`).join(", "),
          },
          changedBy && {
            label: "Changed by",
            value: (
              <>
                {changedBy.name}, <Time at={changedBy.at} />
              </>
            ),
          },
        ]}
      />
      {service.description === "" ? null : <p className="mt-3 text-sm text-muted">{service.description}</p>}
      {service.input ? (
        <div className="mt-3">
          <a className={buttonStyle({ size: "sm" })} href={servicePath(project, service.name, "/openapi.json")}>
            <FileJson aria-hidden />
            OpenAPI document
          </a>
        </div>
      ) : null}
    </Card>
  );
}
