"use client";

import { useQuery } from "@tanstack/react-query";
import { type ArmTraffic, type EndpointDetail, type EndpointTraffic, TrafficSpan } from "#server/serving/contract.ts";
import { Section } from "#components/ui/card.tsx";
import { LineSeries } from "#components/ui/charts/line-series.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { trafficQuery } from "../queries.ts";
import { answersNow, byArm, failedPercent, keyOf, ofOne, perMinute, rowsPerBatch, titleOf } from "./figure-series.ts";

const SPANS = [
  { value: "hour", label: "Last hour" },
  { value: "day", label: "Last 24 hours" },
  { value: "week", label: "Last 7 days" },
  { value: "month", label: "Last 30 days" },
];

/** Rate, errors, latency, batches and losses over time, of all versions side by side or of one; the choice is kept in the address. */
export function ArmFigures({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [askedSpan, setSpan] = useUrlState("span", "hour");
  const [asked, setAsked] = useUrlState("of");
  const span = TrafficSpan.catch("hour").parse(askedSpan);
  const query = useQuery(trafficQuery(project, endpoint.name, span));
  const { data } = query;
  const chosen = data?.arms.find((arm) => keyOf(arm) === asked);
  return (
    <Section
      title="Figures by version"
      description="Counted by the minute in the serving processes, and shown as they come."
      actions={
        <>
          <Select
            className="w-56"
            aria-label="Version"
            value={chosen ? keyOf(chosen) : ""}
            onValueChange={setAsked}
            options={[
              { value: "", label: "All versions, side by side" },
              ...(data?.arms ?? []).map((arm) => ({ value: keyOf(arm), label: titleOf(arm) })),
            ]}
          />
          <Select className="w-40" aria-label="Time range" options={SPANS} value={span} onValueChange={setSpan} />
        </>
      }
    >
      {query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!data ? (
        query.error ? null : (
          <Skeleton className="h-72 w-full" />
        )
      ) : data.arms.length === 0 ? (
        <p className="rounded-md border bg-surface px-4 py-6 text-center text-sm text-muted">
          Nobody asked for a prediction in this time. The first request appears here within a minute.
        </p>
      ) : (
        <Charts endpoint={endpoint} traffic={data} chosen={chosen} />
      )}
    </Section>
  );
}

function Charts({
  endpoint,
  traffic,
  chosen,
}: {
  endpoint: EndpointDetail;
  traffic: EndpointTraffic;
  chosen: ArmTraffic | undefined;
}) {
  const arms = chosen ? [chosen] : traffic.arms;
  const rate = perMinute(traffic);
  const now = answersNow(endpoint);
  const all = (pick: Parameters<typeof byArm>[2]) => byArm(arms, now, pick);
  const shared = { syncId: `arms-${endpoint.id}`, yDomain: [0, "auto"] as const };
  const threshold = {
    value: endpoint.latencyBudgetMs,
    label: `budget of one row: ${formatNumber(endpoint.latencyBudgetMs)} ms`,
  };
  const sum = (pick: (total: ArmTraffic["total"]) => number) => arms.reduce((n, arm) => n + pick(arm.total), 0);
  const [skipped, dropped] = [sum((total) => total.skipped), sum((total) => total.logDropped)];
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <LineSeries
        {...shared}
        title="Requests"
        unit="per minute"
        description={plural(
          sum((total) => total.requests),
          "request",
        )}
        series={
          chosen
            ? ofOne(chosen, [
                { id: "answered", name: "Answered", pick: (p) => rate(p.requests - p.refused - p.failed) },
                { id: "refused", name: "Refused (4xx)", pick: (p) => rate(p.refused) },
                { id: "failed", name: "Failed (5xx)", pick: (p) => rate(p.failed) },
              ])
            : all((p) => rate(p.requests))
        }
      />
      <LineSeries
        {...shared}
        title="Failed here"
        unit="% of requests"
        description={`${formatNumber(sum((total) => total.failed))} failed (5xx), ${formatNumber(sum((total) => total.refused))} refused as wrong (4xx)`}
        series={all(failedPercent)}
      />
      {chosen ? (
        <LineSeries
          {...shared}
          className="lg:col-span-2"
          title="Latency"
          unit="ms"
          description="Of answered requests, all rows of a request together."
          threshold={threshold}
          series={ofOne(chosen, [
            { id: "p50", name: "p50", pick: (p) => p.p50Ms },
            { id: "p95", name: "p95", pick: (p) => p.p95Ms },
            { id: "p99", name: "p99", pick: (p) => p.p99Ms },
          ])}
        />
      ) : (
        (["p50Ms", "p95Ms", "p99Ms"] as const).map((which) => (
          <LineSeries
            {...shared}
            key={which}
            title={`Latency ${which.slice(0, 3)}`}
            unit="ms"
            description="Of answered requests, all rows of a request together."
            {...(which === "p95Ms" ? { threshold } : {})}
            series={all((p) => p[which])}
          />
        ))
      )}
      <LineSeries
        {...shared}
        title="Rows per batch"
        unit="rows"
        description="Scored by the model in one run, on average: requests that come together are joined."
        series={all(rowsPerBatch)}
      />
      <LineSeries
        {...shared}
        title="Rows that shadows skipped"
        unit="rows"
        description={
          skipped === 0
            ? "None: shadows kept up, or none ran."
            : `${plural(skipped, "row")}: a shadow that cannot keep up is never waited for.`
        }
        series={byArm(
          arms.filter((arm) => arm.arm === "shadow"),
          now,
          (p) => p.skipped,
        )}
        empty={arms.some((arm) => arm.arm === "shadow") ? undefined : "No shadow ran in this time."}
      />
      <LineSeries
        {...shared}
        title="Rows not logged"
        unit="rows"
        description={
          dropped === 0
            ? "None was lost. Rows that the log's rules leave out are not counted here."
            : `${plural(dropped, "row")} answered, but lost to the log.`
        }
        series={all((p) => p.logDropped)}
      />
    </div>
  );
}
