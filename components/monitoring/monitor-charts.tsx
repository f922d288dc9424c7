"use client";

import type { MetricName, MonitorDetail, WindowDto } from "#server/monitoring/contract.ts";
import { LineSeries, type LinePoint } from "#components/ui/charts/line-series.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { METRIC_HELP, METRICS } from "./words.ts";

const at = (window: WindowDto): number => Date.parse(window.startsAt);

/** Charts over event time that share one cursor, with promotions and alerts across them. */
export function MonitorCharts({ monitor, windows }: { monitor: MonitorDetail; windows: readonly WindowDto[] }) {
  const from = windows[0] ? at(windows[0]) : 0;
  const annotations = monitor.events
    .filter((event) => event.at >= from)
    .map((event) => ({ x: event.at, label: event.label, kind: event.kind }));
  const shared = { annotations, syncId: `monitor-${monitor.id}`, xKind: "time" as const, height: 200 };
  const metrics = (["auc", "accuracy", "log_loss"] as const).filter((metric) =>
    windows.some((window) => window.performance?.[metric]),
  );
  const points = (value: (window: WindowDto) => number | null | undefined): LinePoint[] =>
    windows.map((window) => ({ x: at(window), y: value(window) ?? null }));
  return (
    <div className="grid grid-cols-1 gap-4 min-[1100px]:grid-cols-2">
      {metrics.map((metric) => (
        <LineSeries
          key={metric}
          {...shared}
          title={METRICS[metric]}
          description={METRIC_HELP[metric]}
          series={[{ id: metric, name: METRICS[metric], points: qualityPoints(windows, metric) }]}
          {...thresholdOf(monitor, windows, metric)}
          footnote={`The band is the 95% interval. ${baselineText(windows, metric)}`}
        />
      ))}
      <LineSeries
        {...shared}
        title="Drifted features"
        unit="of those with enough rows"
        series={[
          {
            id: "drifted",
            name: "Drifted features",
            points: points((window) => window.drift.filter((feature) => feature.status === "drifted").length),
          },
        ]}
        yDomain={[0, "auto"]}
      />
      <LineSeries
        {...shared}
        title="Prediction drift"
        unit="PSI"
        description={windows.findLast((window) => window.predictionDrift)?.predictionDrift?.of}
        series={[
          { id: "prediction", name: "PSI", points: points((window) => window.predictionDrift?.distribution?.psi) },
        ]}
        threshold={{ value: monitor.config.prediction_drift.psi, label: "threshold" }}
        yDomain={[0, "auto"]}
      />
      <LineSeries
        {...shared}
        title="Predictions and outcomes"
        series={[
          { id: "rows", name: "Predictions", points: points((window) => window.rows) },
          { id: "outcomes", name: "With a known outcome", points: points((window) => window.outcomes) },
        ]}
        yDomain={[0, "auto"]}
      />
      {windows.some((window) => window.service?.clock) ? (
        <LineSeries
          {...shared}
          title="Requests by the clock"
          description="Replayed windows have none: their requests were made later."
          series={[
            { id: "requests", name: "Requests", points: points((window) => window.service?.clock?.requests) },
            { id: "failed", name: "Failed", points: points((window) => window.service?.clock?.failed) },
          ]}
          yDomain={[0, "auto"]}
        />
      ) : null}
      <LineSeries
        {...shared}
        title="Time to answer a row"
        unit="ms"
        series={[
          { id: "p50", name: "Median", points: points((window) => window.service?.rowP50Ms) },
          { id: "p95", name: "p95", points: points((window) => window.service?.rowP95Ms) },
        ]}
        yDomain={[0, "auto"]}
      />
    </div>
  );
}

function qualityPoints(windows: readonly WindowDto[], metric: MetricName): LinePoint[] {
  return windows.map((window) => {
    const figure = window.performance?.[metric];
    return { x: at(window), y: figure?.value ?? null, low: figure?.low ?? undefined, high: figure?.high ?? undefined };
  });
}

/** The value beyond which an alert opens, from the newest baseline. */
function thresholdOf(monitor: MonitorDetail, windows: readonly WindowDto[], metric: MetricName) {
  const baseline = windows.findLast((window) => window.performance?.[metric]?.baseline)?.performance?.[metric]
    ?.baseline;
  const { auc, accuracy, log_loss } = monitor.config.performance;
  const limit =
    metric === "log_loss" ? log_loss?.max_rise : -((metric === "auc" ? auc : accuracy)?.max_drop ?? Number.NaN);
  if (!baseline || limit === undefined || Number.isNaN(limit)) return {};
  return { threshold: { value: baseline.value + limit, label: "alert" } };
}

/** What the figure is held against, in words. */
function baselineText(windows: readonly WindowDto[], metric: MetricName): string {
  const baseline = windows.findLast((window) => window.performance?.[metric]?.baseline)?.performance?.[metric]
    ?.baseline;
  return baseline ? `Held against ${formatNumber(baseline.value)} on the ${baseline.text}.` : "";
}
