"use client";

import { can } from "#server/identity/contract.ts";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { RollbackButton } from "#components/governance/parts/rollback-button.tsx";
import { AliasBadge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Time } from "#components/ui/values.tsx";
import { TrafficTab } from "./arms/traffic-tab.tsx";
import { AvailabilityCard } from "./availability-card.tsx";
import { CallPanel } from "./call-panel.tsx";
import { DeploymentTable } from "./deployment-table.tsx";
import { EndpointActs } from "./endpoint-acts.tsx";
import { EndpointGlance } from "./endpoint-glance.tsx";
import { EndpointStats } from "./endpoint-stats.tsx";
import { HealthBadge } from "./health-badge.tsx";
import { HealthWords } from "./health-words.tsx";
import { PredictionsPanel } from "./predictions-panel.tsx";
import { SchemaPanel } from "./schema-panel.tsx";
import { SettingsTab } from "./settings/settings-tab.tsx";
import { TrafficPanel } from "./traffic-panel.tsx";
import { UsagePanel } from "./usage-panel.tsx";
import { approversOf, inPlainWords } from "./words.ts";

/** An endpoint: what it serves, by whose approval, how it does, how to call it, and what it answered. */
export function EndpointPage({
  project,
  endpoint,
  scopes,
}: {
  project: string;
  endpoint: EndpointDetail;
  scopes: readonly string[];
}) {
  const { name, live, signature } = endpoint;
  return (
    <>
      <PageHeader
        title={name}
        breadcrumb={[{ label: name }]}
        badge={
          <>
            <HealthBadge health={endpoint.health} reason={endpoint.reason} />
            {live ? (
              <span className="flex items-center gap-1.5 text-sm">
                version {live.version} <AliasBadge alias="champion" />
              </span>
            ) : null}
          </>
        }
        meta={<Meta project={project} endpoint={endpoint} />}
        actions={
          <>
            {live && can(scopes, "governance:rollback") ? (
              <RollbackButton project={project} model={endpoint.model} />
            ) : null}
            {can(scopes, "serving:write") ? <EndpointActs project={project} endpoint={endpoint} /> : null}
          </>
        }
      />
      <div className="space-y-4">
        <HealthWords reason={endpoint.reason} health={endpoint.health} words={inPlainWords(endpoint)} />
        <EndpointStats endpoint={endpoint} />
        <DetailLayout aside={<EndpointGlance project={project} endpoint={endpoint} />}>
          <Tabs
            tabs={[
              {
                id: "overview",
                label: "Overview",
                content: (
                  <div className="space-y-4">
                    <TrafficPanel project={project} endpoint={endpoint} />
                    <AvailabilityCard project={project} name={name} />
                  </div>
                ),
              },
              {
                id: "traffic",
                label: "Traffic",
                count: endpoint.arms.length > 0 ? endpoint.arms.length + 1 : undefined,
                content: <TrafficTab project={project} endpoint={endpoint} scopes={scopes} />,
              },
              signature && {
                id: "call",
                label: "Call it",
                content: <CallPanel project={project} endpoint={endpoint} scopes={scopes} />,
              },
              can(scopes, "serving:log") && {
                id: "predictions",
                label: "Predictions",
                count: endpoint.logged.predictions,
                content: <PredictionsPanel project={project} endpoint={endpoint} />,
              },
              signature && {
                id: "schema",
                label: "Schema",
                content: <SchemaPanel signature={signature} example={endpoint.example} />,
              },
              can(scopes, "serving:log") && {
                id: "usage",
                label: "Usage",
                content: <UsagePanel project={project} name={name} />,
              },
              {
                id: "deployments",
                label: "Deployments",
                count: endpoint.deployments.length,
                content: <DeploymentTable project={project} endpoint={endpoint} />,
              },
              {
                id: "settings",
                label: "Settings",
                content: <SettingsTab project={project} endpoint={endpoint} scopes={scopes} />,
              },
            ]}
          />
        </DetailLayout>
      </div>
    </>
  );
}

function Meta({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const { live, model } = endpoint;
  const approvers = approversOf(live);
  return (
    <>
      <span>
        serves <TextLink href={`/p/${project}/models/${encodeURIComponent(model)}`}>{model}</TextLink>
      </span>
      {live ? (
        <span>
          since <Time at={live.since} />
        </span>
      ) : null}
      {live?.request ? (
        <span>
          approved by {approvers} (
          <TextLink href={`/p/${project}/reviews/${live.request.number}`}>request {live.request.number}</TextLink>)
        </span>
      ) : null}
    </>
  );
}
