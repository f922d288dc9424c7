"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import type { KeyValue as Pair, MetricValueDto, RunDto } from "#server/tracking/contract.ts";
import type { Series } from "./fetch-series.ts";
import { drawable, metricText } from "./parts/metric-text.ts";
import { WholeText } from "./parts/whole-text.tsx";
import { runSeriesQuery } from "./queries.ts";

interface MetricRow extends MetricValueDto {
  readonly series: Series | undefined;
}

function extremes(row: MetricRow): { low: number | null; high: number | null } {
  const values = (row.series?.values ?? []).map(drawable).filter((v) => v !== null);
  return values.length < 2 ? { low: null, high: null } : { low: Math.min(...values), high: Math.max(...values) };
}

/** A text cut off where its column ends, and whole when pointed at. */
const clipped = (text: string) => (
  <span className="truncate" title={text}>
    {text}
  </span>
);

const metricColumns: Column<MetricRow>[] = [
  {
    id: "key",
    header: "Metric",
    value: (m) => m.key,
    cell: (m) => clipped(m.key),
    width: 180,
    grow: 2,
  },
  {
    id: "value",
    header: "Latest",
    value: (m) => drawable(m.value),
    cell: (m) => <span className="font-medium">{metricText(m.value)}</span>,
    numeric: true,
    width: 100,
  },
  {
    id: "history",
    header: "History",
    value: (m) => m.series?.total ?? 1,
    cell: (m) => <Sparkline values={(m.series?.values ?? []).map(drawable)} label={m.key} width={110} height={20} />,
    width: 130,
    grow: 0,
    search: false,
  },
  {
    id: "low",
    header: "Least",
    value: (m) => extremes(m).low,
    cell: (m) => metricText(extremes(m).low ?? undefined),
    numeric: true,
    width: 90,
  },
  {
    id: "high",
    header: "Greatest",
    value: (m) => extremes(m).high,
    cell: (m) => metricText(extremes(m).high ?? undefined),
    numeric: true,
    width: 90,
  },
  { id: "step", header: "Step", value: (m) => m.step, cell: (m) => formatNumber(m.step, 12), numeric: true, width: 80 },
  { id: "count", header: "Values", value: (m) => m.series?.total ?? null, numeric: true, width: 80 },
];
/** Of metrics that were logged once each there is no course to show. */
const OF_COURSE = new Set(["history", "low", "high"]);
const singleColumns = metricColumns.filter(({ id }) => !OF_COURSE.has(id));

const pairColumns = (name: string): Column<Pair>[] => [
  { id: "key", header: name, value: (p) => p.key, cell: (p) => clipped(p.key), width: 180, grow: 1 },
  {
    id: "value",
    header: "Value",
    value: (p) => p.value,
    cell: (p) => <WholeText name={p.key} text={p.value} />,
    width: 160,
    grow: 2,
  },
];
const paramColumns = pairColumns("Parameter");
const tagColumns = pairColumns("Tag");

/** Tags that stand elsewhere on the page, or say what only the client cares for. */
const ELSEWHERE = new Set(["mlflow.runName", "mlflow.note.content", "mlflow.parentRunId", "mlflow.log-model.history"]);

/** What a run logged: metrics with their course, parameters, inputs and tags. */
export function RunOverview({ project, run }: { project: string; run: RunDto }) {
  const query = useQuery(runSeriesQuery(project, run));
  const metrics = useMemo(
    () => run.metrics.map((metric) => ({ ...metric, series: query.data?.find((one) => one.key === metric.key) })),
    [run.metrics, query.data],
  );
  const course = query.data === undefined || metrics.some((m) => (m.series?.total ?? 0) > 1);
  const tags = run.tags.filter((tag) => !ELSEWHERE.has(tag.key));
  return (
    <div className="space-y-4">
      <Section
        title="Metrics"
        description={metrics.length > 0 ? `${plural(metrics.length, "metric")}, latest values` : undefined}
        actions={
          metrics.some((m) => (m.series?.total ?? 0) > 1) ? <TextLink href="?tab=metrics">Charts</TextLink> : undefined
        }
      >
        <DataTable
          label="Metrics"
          rows={metrics}
          columns={course ? metricColumns : singleColumns}
          rowId={(m) => m.key}
          toolbar={false}
          param="m"
          maxHeight="420px"
          empty={<p className="px-6 py-6 text-center text-sm text-muted">No metric was logged yet.</p>}
        />
      </Section>
      <div className="grid gap-4 lg:grid-cols-2">
        <Section title="Parameters">
          <DataTable
            label="Parameters"
            rows={run.params}
            columns={paramColumns}
            rowId={(pair) => pair.key}
            toolbar={false}
            param="p"
            maxHeight="420px"
            empty={<p className="px-6 py-6 text-center text-sm text-muted">No parameter was logged.</p>}
          />
        </Section>
        <Section title="Tags">
          <DataTable
            label="Tags"
            rows={tags}
            columns={tagColumns}
            rowId={(pair) => pair.key}
            toolbar={false}
            param="t"
            maxHeight="420px"
            empty={<p className="px-6 py-6 text-center text-sm text-muted">No tag was set.</p>}
          />
        </Section>
      </div>
      {run.inputs.length > 0 ? (
        <Card title="Inputs" description="Datasets as the script logged them with mlflow.log_input">
          <ul className="divide-y text-sm">
            {run.inputs.map((input) => (
              <li
                key={`${input.name}@${input.digest}`}
                className="flex flex-wrap items-baseline gap-x-3 py-2 first:pt-0 last:pb-0"
              >
                <span className="font-medium">{input.name}</span>
                <code className="font-mono text-xs text-muted">{input.digest}</code>
                {input.tags.map((tag) => (
                  <Badge key={tag.key} title={tag.key}>
                    {tag.value}
                  </Badge>
                ))}
                <span className="min-w-0 flex-1 truncate text-right text-xs text-muted">{shapeOf(input.profile)}</span>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
    </div>
  );
}

/** "120 rows, 480 elements" from the profile that clients log, where it says so. */
function shapeOf(profile: string | null): string {
  if (profile === null) return "";
  try {
    const said = JSON.parse(profile) as Record<string, unknown>;
    const rows = said["num_rows"];
    const elements = said["num_elements"];
    const texts = [
      typeof rows === "number" ? `${formatNumber(rows)} rows` : "",
      typeof elements === "number" ? `${formatNumber(elements)} elements` : "",
    ];
    return texts.filter(Boolean).join(", ");
  } catch {
    return "";
  }
}
