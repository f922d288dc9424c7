"use client";

import type { Figure, MetricName, MonitorConfig, WindowDto } from "#server/monitoring/contract.ts";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { formatNumber, formatPercent } from "#components/ui/format.ts";
import { Stat } from "#components/ui/stat.tsx";
import { count, METRICS } from "./words.ts";

interface Props {
  readonly windows: readonly WindowDto[];
  readonly window: WindowDto;
  readonly config: MonitorConfig;
}

/** The numbers of the chosen window, each with what makes it believable: change, interval, sample size. */
export function Headline({ windows, window, config }: Props) {
  const { performance, service } = window;
  const before = windows[windows.indexOf(window) - 1];
  const judged = window.drift.filter((feature) => feature.status !== "insufficient");
  const drifted = judged.filter((feature) => feature.status === "drifted").length;
  const known = performance ? (["auc", "accuracy", "log_loss"] as const).filter((metric) => performance[metric]) : [];
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(148px,1fr))] gap-3">
      {known.map((metric) => (
        <MetricStat key={metric} metric={metric} windows={windows} window={window} />
      ))}
      {known.length === 0 ? <Stat label="Quality" value="not known yet" against="outcomes have not arrived" /> : null}
      <Stat
        label="Outcomes known"
        value={performance ? formatPercent(performance.coverage) : "0%"}
        n={performance?.n ?? 0}
        of={`of ${count(window.rows)} predictions${performance && performance.coverage < config.performance.min_coverage ? "; too few to judge" : ""}`}
      />
      <Stat
        label="Drifted features"
        value={judged.length === 0 ? "too few rows" : `${drifted} of ${judged.length}`}
        change={before && judged.length > 0 ? drifted - driftedOf(before) : null}
        better="down"
        against="vs before"
      />
      <Stat
        label="Predictions"
        value={count(window.rows)}
        change={before ? window.rows - before.rows : null}
        against="vs before"
      />
      {service?.clock ? (
        <Stat
          label="Requests"
          value={count(service.clock.requests)}
          of={`${count(service.clock.failed)} failed, ${count(service.clock.refused)} refused; p95 ${formatNumber(service.clock.p95Ms)} ms`}
          n={null}
        />
      ) : null}
      <Stat
        label="Time to answer, p95"
        value={service?.clock?.p95Ms ?? service?.rowP95Ms ?? null}
        unit="ms"
        against={service?.clock ? "of requests" : "of rows, replayed later"}
      />
    </div>
  );
}

function driftedOf(window: WindowDto): number {
  return window.drift.filter((feature) => feature.status === "drifted").length;
}

function MetricStat({ metric, windows, window }: { metric: MetricName } & Omit<Props, "config">) {
  const figure = window.performance?.[metric] as Figure;
  const { baseline, low, high } = figure;
  return (
    <Stat
      label={METRICS[metric]}
      value={figure.value}
      change={baseline ? figure.value - baseline.value : null}
      better={metric === "log_loss" ? "down" : "up"}
      against={baseline ? (baseline.source === "holdout" ? "vs hold-out" : "vs first window") : undefined}
      interval={low === null || high === null ? null : [low, high]}
      n={window.performance?.n}
      of="outcomes"
      spark={
        <Sparkline
          values={windows.map((each) => each.performance?.[metric]?.value ?? null)}
          label={`${METRICS[metric]} by window`}
          width={64}
        />
      }
    />
  );
}
