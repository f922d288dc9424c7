"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { preload } from "react-dom";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { Switch } from "#components/ui/toggle.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { BY_METRIC, type ChartSettings, listed, useChartSettings } from "./chart-settings.ts";
import { MetricChart } from "./metric-chart.tsx";
import { seriesAddress } from "./fetch-series.ts";
import { type NamedRun, nameFilter, pointsFor, sectionOf } from "./metric-lines.ts";
import { type RunViews, useRunViews } from "./run-views.ts";

const AXES = [
  { value: "step", label: "By step" },
  { value: "relative", label: "By seconds since start" },
  { value: "time", label: "By time" },
] as const;

interface MetricChartsProps {
  readonly project: string;
  readonly runs: readonly NamedRun[];
  /** The names of all metrics that the runs logged. */
  readonly metrics: readonly string[];
  /** A run among them still goes: look again from time to time. */
  readonly live: boolean;
}

/** The metrics of one run. */
export function MetricCharts(props: MetricChartsProps) {
  const views = useRunViews(props.project, props.runs, null);
  return <MetricGrid {...props} views={views} />;
}

/** A chart per metric in sections by the first part of the names, with the controls that all share. Everything chosen stands in the address. */
export function MetricGrid({ project, runs, metrics, live, views }: MetricChartsProps & { readonly views: RunViews }) {
  const settings = useChartSettings();
  const filter = useMemo(() => nameFilter(settings.filter), [settings.filter]);
  const sections = useMemo(() => sectionsOf(metrics, filter.test, settings.pinned), [metrics, filter, settings.pinned]);
  if (metrics.length === 0)
    return (
      <EmptyState>
        No metric has been logged yet. Log one with a step: mlflow.log_metric(&quot;loss&quot;, 0.3, step=epoch).
      </EmptyState>
    );
  const shown = sections.reduce((sum, section) => sum + section.metrics.length, 0);
  if (typeof window === "undefined") fetchEarly(project, runs, sections, settings);
  return (
    <div className="space-y-4">
      <ChartControls settings={settings} broken={filter.broken} shown={shown} metrics={metrics} />
      {shown === 0 ? <EmptyState>No metric has a name like “{settings.filter}”.</EmptyState> : null}
      {sections.map((section) => {
        const closed = settings.closed.includes(section.id);
        const toggle = (): void =>
          setSearchParams({
            closed: listed(
              closed ? settings.closed.filter((id) => id !== section.id) : [...settings.closed, section.id],
            ),
          });
        return (
          <section key={section.id} aria-label={section.name}>
            {sections.length > 1 ? (
              <h2 className="pb-1.5">
                <button
                  type="button"
                  aria-expanded={!closed}
                  onClick={toggle}
                  className="inline-flex h-7 items-center gap-1.5 rounded-sm text-sm font-medium hover:text-muted"
                >
                  {closed ? (
                    <ChevronRight className="size-4" aria-hidden />
                  ) : (
                    <ChevronDown className="size-4" aria-hidden />
                  )}
                  {section.name}
                  <span className="font-normal text-muted">{section.metrics.length}</span>
                </button>
              </h2>
            ) : null}
            {closed ? null : (
              <div className="grid gap-3 [grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr))]">
                {section.metrics.map((metric) => (
                  <MetricChart
                    key={metric}
                    project={project}
                    metric={metric}
                    runs={runs}
                    views={views}
                    settings={settings}
                    live={live}
                    onPin={() =>
                      setSearchParams({
                        pin: listed(
                          settings.pinned.includes(metric)
                            ? settings.pinned.filter((name) => name !== metric)
                            : [...settings.pinned, metric],
                        ),
                      })
                    }
                  />
                ))}
              </div>
            )}
          </section>
        );
      })}
    </div>
  );
}

/** How many charts are usually in view when a page opens. */
const IN_VIEW = 6;

/** Tells the browser in the head of the page what the first charts will ask for: the answers come while the page's code is read. */
function fetchEarly(
  project: string,
  runs: readonly NamedRun[],
  sections: readonly ChartSection[],
  settings: ChartSettings,
): void {
  if (settings.by !== null) return;
  const open = sections.filter((section) => !settings.closed.includes(section.id));
  const ids = runs.map((run) => run.id);
  for (const metric of open.flatMap((section) => section.metrics).slice(0, IN_VIEW)) {
    const address = seriesAddress(project, ids, pointsFor(runs.length), metric);
    if (address !== null) preload(address, { as: "fetch", crossOrigin: "anonymous" });
  }
}

interface ChartSection {
  readonly id: string;
  readonly name: string;
  readonly metrics: readonly string[];
}

/** The pinned first, then names without a slash, then a section for what stands before it; what the system measured of itself at the end. */
function sectionsOf(
  metrics: readonly string[],
  wanted: (name: string) => boolean,
  pinned: readonly string[],
): ChartSection[] {
  const kept = metrics.filter(wanted).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const top = pinned.filter((name) => kept.includes(name));
  const groups = new Map<string, string[]>();
  for (const name of kept)
    if (!top.includes(name)) groups.set(sectionOf(name), [...(groups.get(sectionOf(name)) ?? []), name]);
  const rank = (id: string): number => (id === "" ? 0 : id.startsWith("system") ? 2 : 1);
  const rest = [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([id, names]) => ({ id: id === "" ? "-" : id, name: id === "" ? "Metrics" : id, metrics: names }));
  return top.length === 0 ? rest : [{ id: "pinned", name: "Pinned", metrics: top }, ...rest];
}

function ChartControls({
  settings,
  broken,
  shown,
  metrics,
}: {
  settings: ChartSettings;
  broken: boolean;
  shown: number;
  metrics: readonly string[];
}) {
  const all = metrics.length;
  // A link may name a metric that these runs do not have: the choice must still say so.
  const { by } = settings;
  const places = by === null || metrics.includes(by) ? metrics : [...metrics, by];
  // The slider follows the hand; the address is told when it rests.
  const [sliding, setSliding] = useState<number | null>(null);
  const smoothing = sliding ?? settings.smoothing;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <SearchInput
        placeholder="Filter charts (regex)"
        value={settings.filter}
        onValueChange={(metric) => setSearchParams({ metric })}
        className="w-56"
      />
      <div className="w-44">
        <Select
          aria-label="Horizontal axis"
          value={settings.by === null ? settings.axis : `${BY_METRIC}${settings.by}`}
          onValueChange={(x) => setSearchParams({ x: x === "step" ? null : x, range: null })}
          options={[...AXES, ...places.map((name) => ({ value: `${BY_METRIC}${name}`, label: `By metric ${name}` }))]}
        />
      </div>
      <label className="flex items-center gap-2 text-sm text-muted">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          onChange={(event) => setSliding(Number(event.target.value))}
          onPointerUp={() => settle(smoothing, setSliding)}
          onKeyUp={() => settle(smoothing, setSliding)}
          onBlur={() => settle(smoothing, setSliding)}
          className="w-28 accent-[var(--ink)]"
        />
        <span className="w-8 text-text" data-number>
          {smoothing.toFixed(2)}
        </span>
      </label>
      <Switch
        label="Raw behind"
        checked={settings.raw}
        disabled={settings.smoothing === 0}
        onCheckedChange={(on) => setSearchParams({ raw: on ? null : "0" })}
      />
      <Switch
        label="Log x"
        checked={settings.xScale === "log"}
        disabled={settings.axis === "time" && settings.by === null}
        onCheckedChange={(on) => setSearchParams({ xlog: on ? "1" : null, range: null })}
      />
      <Switch
        label="Log y"
        checked={settings.yScale === "log"}
        onCheckedChange={(on) => setSearchParams({ ylog: on ? "1" : null })}
      />
      <Switch
        label="Ignore outliers"
        checked={settings.leaveOutliers}
        onCheckedChange={(on) => setSearchParams({ outliers: on ? "0" : null })}
      />
      {settings.range === null ? null : (
        <Button size="sm" onClick={() => setSearchParams({ range: null })}>
          Show all of x
        </Button>
      )}
      <span className="ml-auto text-xs text-muted" role="status">
        {broken ? "Not a regular expression: taken as text. " : ""}
        {shown < all ? `${shown} of ${plural(all, "chart")}` : plural(all, "chart")}
      </span>
    </div>
  );
}

function settle(smoothing: number, done: (value: null) => void): void {
  setSearchParams({ smooth: smoothing === 0 ? null : String(smoothing) });
  done(null);
}
