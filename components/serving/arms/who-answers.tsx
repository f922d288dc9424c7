"use client";

import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ArmDto, EndpointDetail, EndpointTraffic, ServedArm } from "#server/serving/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { plural } from "#components/ui/format.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { trafficQuery } from "../queries.ts";
import { DealAnew, EndArm } from "./arm-acts.tsx";
import { ArmBadge } from "./arm-badge.tsx";
import { shareText, splitOf } from "./arm-words.ts";
import { ChangeShare } from "./change-share.tsx";
import { SplitBar } from "./split-bar.tsx";
import { StartArm } from "./start-arm.tsx";

/** Which versions take part in the traffic now, with which share, by whose approval; and the acts for who may. */
export function WhoAnswers({
  project,
  endpoint,
  mayChange,
}: {
  project: string;
  endpoint: EndpointDetail;
  mayChange: boolean;
}) {
  const { live, arms, health } = endpoint;
  const hour = useQuery(trafficQuery(project, endpoint.name, "hour")).data;
  const { champion } = splitOf(arms);
  const broken = arms.filter((arm) => arm.state === "failing");
  return (
    <Card
      title="Who answers now"
      padded={false}
      actions={
        mayChange && live ? (
          <>
            <DealAnew project={project} endpoint={endpoint} />
            <StartArm project={project} endpoint={endpoint} />
          </>
        ) : undefined
      }
    >
      {live ? (
        <>
          <div className="space-y-3 p-3">
            <SplitBar endpoint={endpoint} />
            {health === "stopped" ? (
              <Note>
                The endpoint is stopped: nobody is answered by a version until it is resumed. The split is kept.
              </Note>
            ) : null}
            {broken.map((arm) => (
              <Note key={arm.id}>
                Version {arm.version} does not run
                {arm.kind === "shadow" ? "" : ", so the champion answers its share"}: {arm.problem}
              </Note>
            ))}
          </div>
          <div className="overflow-x-auto border-t">
            <table className="w-full min-w-160 text-xs">
              <thead>
                <tr className="h-8 text-left text-muted">
                  {["Role", "Version", "Share", "Last hour", "Since", "By", "State"].map((head) => (
                    <th key={head} scope="col" className={cell(head === "Share" || head === "Last hour")}>
                      {head}
                    </th>
                  ))}
                  {mayChange ? (
                    <th scope="col" className="px-3 font-medium">
                      <span className="sr-only">Acts</span>
                    </th>
                  ) : null}
                </tr>
              </thead>
              <tbody>
                <Row
                  role="champion"
                  version={<Version project={project} model={endpoint.model} version={live.version} />}
                  share={shareText(champion)}
                  hour={countText(hour, "champion", live.versionId)}
                  since={live.since}
                  by={<Approval project={project} request={live.request} by={null} />}
                  state={
                    <StatusBadge
                      status={health === "stopped" ? "stopped" : "live"}
                      label={health === "stopped" ? "Stopped" : "Answers"}
                    />
                  }
                  acts={mayChange ? null : undefined}
                />
                {arms.map((arm) => (
                  <Row
                    key={arm.id}
                    role={arm.kind}
                    version={<Version project={project} model={endpoint.model} version={arm.version} />}
                    share={arm.kind === "shadow" ? "answers nobody" : shareText(arm.share)}
                    hour={countText(hour, arm.kind, arm.versionId)}
                    since={arm.shareSince}
                    by={<Approval project={project} request={arm.request} by={arm.startedBy} />}
                    state={<ArmState arm={arm} />}
                    acts={mayChange ? <Acts project={project} endpoint={endpoint} arm={arm} /> : undefined}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </>
      ) : (
        <EmptyState>
          Nobody answers: the model has no champion yet. Once a version is approved, it answers here, and others can be
          compared with it.
        </EmptyState>
      )}
    </Card>
  );
}

/** What may be done with an arm: of a rollout nothing here, because its steps were approved as they are. */
function Acts({ project, endpoint, arm }: { project: string; endpoint: EndpointDetail; arm: ArmDto }) {
  if (arm.isRollingOut && arm.request)
    return (
      <span className="flex justify-end whitespace-nowrap">
        <TextLink href={`/p/${project}/reviews/${arm.request.number}`}>see its steps</TextLink>
      </span>
    );
  return (
    <span className="flex justify-end gap-1.5">
      {arm.kind === "canary" ? <ChangeShare project={project} endpoint={endpoint} arm={arm} /> : null}
      <EndArm project={project} endpoint={endpoint} arm={arm} />
    </span>
  );
}

const cell = (numeric = false) => `px-3 font-medium whitespace-nowrap ${numeric ? "text-right" : ""}`;

function Row(props: {
  role: ServedArm;
  version: ReactNode;
  share: string;
  hour: string;
  since: string;
  by: ReactNode;
  state: ReactNode;
  acts: ReactNode;
}) {
  return (
    <tr className="h-9 border-t">
      <th scope="row" className="px-3 text-left font-normal">
        <ArmBadge arm={props.role} />
      </th>
      <td className="px-3 whitespace-nowrap">{props.version}</td>
      <td className="px-3 text-right whitespace-nowrap" data-number>
        {props.share}
      </td>
      <td className="px-3 text-right whitespace-nowrap" data-number>
        {props.hour}
      </td>
      <td className="px-3">
        <Time at={props.since} />
      </td>
      <td className="px-3">{props.by}</td>
      <td className="px-3">{props.state}</td>
      {props.acts === undefined ? null : <td className="px-3">{props.acts}</td>}
    </tr>
  );
}

function ArmState({ arm }: { arm: ArmDto }) {
  if (arm.state === "failing") return <StatusBadge status="error" label="Does not run" title={arm.problem ?? ""} />;
  return arm.kind === "shadow" ? (
    <StatusBadge status="active" label="Scores" />
  ) : (
    <StatusBadge status="live" label="Answers" />
  );
}

function Version({ project, model, version }: { project: string; model: string; version: number }) {
  return <TextLink href={`/p/${project}/models/${encodeURIComponent(model)}/${version}`}>version {version}</TextLink>;
}

/** By whose approval a version answers, and who started it beside the champion. */
function Approval({ project, request, by }: { project: string; request: ArmDto["request"]; by: string | null }) {
  return (
    <span>
      {by === null ? "" : `started by ${by}${request ? ", " : ""}`}
      {request ? (
        <>
          {by === null ? "" : "approved by "}
          {request.approvedBy.join(" and ")}{" "}
          <span className="whitespace-nowrap">
            (<TextLink href={`/p/${project}/reviews/${request.number}`}>request {request.number}</TextLink>)
          </span>
        </>
      ) : by === null ? (
        "–"
      ) : null}
    </span>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
      <span>{children}</span>
    </p>
  );
}

/** What it dealt with in the last hour; a dash before that is known. */
function countText(traffic: EndpointTraffic | undefined, arm: ServedArm, versionId: string): string {
  if (!traffic) return "–";
  const total = traffic.arms.find((one) => one.arm === arm && one.versionId === versionId)?.total;
  // Nobody asks a shadow anything: it scores the rows of what others are asked.
  return arm === "shadow" ? plural(total?.rows ?? 0, "row") : plural(total?.requests ?? 0, "request");
}
