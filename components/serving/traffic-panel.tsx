"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type EndpointDetail, TrafficSpan } from "#server/serving/contract.ts";
import { type Annotation, LineSeries } from "#components/ui/charts/line-series.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { trafficQuery } from "./queries.ts";

const STEPS = { hour: "minute", day: "15 min", week: "2 h", month: "6 h" } as const satisfies Record<
  TrafficSpan,
  string
>;
const SPANS = [
  { value: "hour", label: "Last hour" },
  { value: "day", label: "Last 24 hours" },
  { value: "week", label: "Last 7 days" },
  { value: "month", label: "Last 30 days" },
];

/** Requests and latency over time, with the deployments as lines across both. */
export function TrafficPanel({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [asked, setAsked] = useUrlState("span", "hour");
  const span = TrafficSpan.catch("hour").parse(asked);
  const query = useQuery(trafficQuery(project, endpoint.name, span));
  const annotations = useMemo(
    () =>
      endpoint.deployments.map(
        (deployment): Annotation => ({
          x: new Date(deployment.startedAt).getTime(),
          label: `version ${deployment.version}`,
          kind: "deployment",
        }),
      ),
    [endpoint.deployments],
  );
  const { data } = query;
  const line = (
    id: string,
    name: string,
    pick: (point: NonNullable<typeof data>["points"][number]) => number | null,
  ) => ({
    id,
    name,
    points: (data?.points ?? []).map((point) => ({ x: point.at, y: pick(point) })),
  });
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-3">
        <Select className="w-44" aria-label="Time range" options={SPANS} value={span} onValueChange={setAsked} />
        {data ? (
          <p className="text-sm text-muted" data-number>
            {plural(data.total.requests, "request")}, {plural(data.total.rows, "row")},{" "}
            {formatNumber(data.total.refused)} refused, {formatNumber(data.total.failed)} failed
            {data.total.logDropped > 0 ? `, ${plural(data.total.logDropped, "row")} not logged` : ""}
          </p>
        ) : null}
      </div>
      {query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : null}
      {data ? (
        <>
          <LineSeries
            title="Requests"
            unit={`per ${STEPS[span]}`}
            description="Refused: what the caller got wrong (4xx). Failed: what went wrong here (5xx)."
            series={[
              line("answered", "Answered", (point) => point.requests - point.refused - point.failed),
              line("refused", "Refused", (point) => point.refused),
              line("failed", "Failed", (point) => point.failed),
            ]}
            annotations={annotations}
            syncId={`endpoint-${endpoint.id}`}
            yDomain={[0, "auto"]}
            empty={data.total.requests === 0 ? "Nobody asked for a prediction in this time." : undefined}
          />
          <LineSeries
            title="Latency"
            unit="ms"
            description="From a request's headers to its answer, of answered requests, all rows of a request together."
            series={[
              line("p50", "p50", (point) => point.p50Ms),
              line("p95", "p95", (point) => point.p95Ms),
              line("p99", "p99", (point) => point.p99Ms),
            ]}
            annotations={annotations}
            threshold={{
              value: endpoint.latencyBudgetMs,
              label: `budget of one row: ${formatNumber(endpoint.latencyBudgetMs)} ms`,
            }}
            syncId={`endpoint-${endpoint.id}`}
            yDomain={[0, "auto"]}
            empty={data.total.requests === 0 ? "Nobody asked for a prediction in this time." : undefined}
          />
        </>
      ) : query.error ? null : (
        <>
          <Skeleton className="h-72 w-full" />
          <Skeleton className="h-72 w-full" />
        </>
      )}
    </div>
  );
}
