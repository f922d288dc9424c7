"use client";

import type { AlertDto } from "#server/monitoring/contract.ts";
import { can } from "#server/identity/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { AlertActs } from "./alert-acts.tsx";
import { AlertChain } from "./alert-chain.tsx";
import { KINDS } from "./words.ts";

/** One alert: what happened, in which windows, what can be done, what it led to. */
export function AlertPage({
  project,
  alert,
  scopes,
}: {
  project: string;
  alert: AlertDto & { coveredBy: number | null };
  scopes: readonly string[];
}) {
  const monitor = `/p/${project}/monitoring/${encodeURIComponent(alert.monitor)}`;
  const mayWrite = can(scopes, "monitoring:write");
  return (
    <>
      <LiveRefresh topics={["monitors", "pipelines", "reviews"]} />
      <PageHeader
        title={alert.title}
        breadcrumb={[{ label: alert.monitor, href: monitor }, { label: `Alert ${alert.number}` }]}
        badge={
          <StatusBadge
            status={alert.status === "open" ? "firing" : alert.status}
            label={alert.status === "open" ? "Open" : undefined}
          />
        }
        meta={
          <>
            <span>{KINDS[alert.kind]}</span>
            <span>
              opened <Time at={alert.openedAt} />
            </span>
          </>
        }
        actions={
          mayWrite && alert.status !== "resolved" ? (
            <AlertActs project={project} alert={alert} coveredBy={alert.coveredBy} primary />
          ) : undefined
        }
      />
      <DetailLayout
        aside={
          <Card title="At a glance">
            <KeyValue
              items={[
                { label: "Monitor", value: <TextLink href={monitor}>{alert.monitor}</TextLink> },
                {
                  label: "Endpoint",
                  value: <TextLink href={`/p/${project}/endpoints/${alert.endpoint}`}>{alert.endpoint}</TextLink>,
                },
                { label: "Opened", value: <Time at={alert.openedAt} /> },
                alert.kind === "rollout" &&
                  alert.chain.request !== null && {
                    label: "Request",
                    value: (
                      <TextLink href={`/p/${project}/reviews/${alert.chain.request.number}`}>
                        request {alert.chain.request.number}
                      </TextLink>
                    ),
                  },
                alert.acknowledgedBy !== null && { label: "Looked after by", value: alert.acknowledgedBy },
                alert.resolvedBy !== null && { label: "Resolved by", value: alert.resolvedBy },
                alert.resolvedAt !== null && { label: "Resolved", value: <Time at={alert.resolvedAt} /> },
              ]}
            />
          </Card>
        }
      >
        <div className="flex flex-col gap-6">
          <Section title="What happened">
            <ul className="flex list-disc flex-col gap-1 pl-5">
              {alert.sentences.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
            {alert.resolution ? <p>{alert.resolution}</p> : null}
          </Section>
          {alert.windows.length === 0 ? null : (
            <Section
              title={alert.windows.length === 1 ? "Window" : "Windows"}
              description="Those that crossed the threshold while the alert was open. Choose one to see its figures."
            >
              <ul className="flex flex-wrap gap-x-4 gap-y-1">
                {alert.windows.map((window) => (
                  <li key={window.startsAt}>
                    <TextLink href={`${monitor}?window=${encodeURIComponent(window.startsAt.slice(0, 16))}`}>
                      {window.label}
                    </TextLink>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {alert.kind === "service" || alert.kind === "rollout" ? null : (
            <Section title="Retraining" description="From this alert to a new challenger.">
              {alert.retraining ? (
                <div className="rounded-md border bg-surface p-3">
                  <AlertChain project={project} alert={alert} />
                </div>
              ) : (
                <p className="text-muted">Nobody has started it.</p>
              )}
            </Section>
          )}
        </div>
      </DetailLayout>
    </>
  );
}
