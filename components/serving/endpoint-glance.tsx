import { FileJson } from "lucide-react";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { buttonStyle, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Hash, Id } from "#components/ui/copy.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Time } from "#components/ui/values.tsx";
import { Address } from "./address.tsx";
import { endpointPath } from "./queries.ts";
import { approversOf } from "./words.ts";

/** Where it is, where it comes from, what watches it. */
export function EndpointGlance({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const { live, model, name } = endpoint;
  const url = `${endpoint.servingUrl}/v2/models/${encodeURIComponent(name)}`;
  const modelPage = `/p/${project}/models/${encodeURIComponent(model)}`;
  const { firstDay, lastDay } = endpoint.logged;
  return (
    <>
      <Card title="At a glance">
        <KeyValue
          items={[
            {
              label: "Address",
              value: <Address url={url} />,
            },
            { label: "Model", value: <TextLink href={modelPage}>{model}</TextLink> },
            live && {
              label: "Version",
              value: (
                <span className="flex items-center gap-1.5">
                  <TextLink href={`${modelPage}/${live.version}`}>version {live.version}</TextLink>
                  <AliasBadge alias="champion" />
                </span>
              ),
            },
            live && { label: "Since", value: <Time at={live.since} /> },
            live?.request && {
              label: "Approved by",
              value: (
                <>
                  {approversOf(live)},{" "}
                  <TextLink href={`/p/${project}/reviews/${live.request.number}`}>
                    request {live.request.number}
                  </TextLink>
                </>
              ),
            },
            { label: "Created", value: <Time at={endpoint.createdAt} /> },
            endpoint.createdBy !== null && { label: "Created by", value: endpoint.createdBy },
            endpoint.changedBy && {
              label: endpoint.health === "stopped" ? "Stopped by" : "Resumed by",
              value: (
                <>
                  {endpoint.changedBy.name}, <Time at={endpoint.changedBy.at} />
                </>
              ),
            },
            live && { label: "Version id", value: <Id value={live.versionId} /> },
            { label: "Endpoint id", value: <Hash value={endpoint.id} length={8} /> },
          ]}
        />
        {endpoint.description === "" ? null : <p className="mt-3 text-sm text-muted">{endpoint.description}</p>}
      </Card>
      <Card title="What follows from it">
        <KeyValue
          items={[
            {
              label: "Logged events",
              value: firstDay && lastDay ? (firstDay === lastDay ? firstDay : `${firstDay} to ${lastDay}`) : "none yet",
            },
            { label: "Watched in", value: <TextLink href={`/p/${project}/monitoring`}>Monitoring</TextLink> },
          ]}
        />
        {live ? (
          <div className="mt-3">
            <a className={buttonStyle({ size: "sm" })} href={endpointPath(project, name, "/openapi.json")}>
              <FileJson aria-hidden />
              OpenAPI document
            </a>
          </div>
        ) : null}
      </Card>
    </>
  );
}
