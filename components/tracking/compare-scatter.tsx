"use client";

import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/input.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import type { ScaleKind } from "#components/ui/charts/axis-scale.ts";
import { ScatterPlot } from "#components/ui/charts/scatter-plot.tsx";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { fieldsOf, leftOut, numberOf } from "./comparison.ts";
import { axisOf } from "./parallel-axes.ts";
import type { RunViews } from "./run-views.ts";

const wordOf = (field: string): string => field.slice(field.indexOf(":") + 1);
const optionsOf = (fields: readonly string[]) =>
  fields.map((field) => ({
    value: field,
    label: `${field.startsWith("metric:") ? "metric" : "parameter"} ${wordOf(field)}`,
  }));

/** Two parameters or metrics against each other, a point per run in the run's colour, or in that of its group by a parameter in words. */
export function CompareScatter({
  runs,
  names,
  views,
}: {
  runs: readonly RunSummaryDto[];
  names: readonly { id: string; name: string }[];
  views: RunViews;
}) {
  const { numbers, words } = useMemo(() => fieldsOf(runs), [runs]);
  const varied = numbers.filter((field) => new Set(runs.map((run) => numberOf(run, field))).size > 1);
  const usualX = varied.find((field) => field.startsWith("param:")) ?? varied[0] ?? numbers[0] ?? "";
  const usualY = varied.find((field) => field.startsWith("metric:") && field !== usualX) ?? numbers[1] ?? usualX;
  const [askedX, setX] = useUrlState("sx");
  const [askedY, setY] = useUrlState("sy");
  const [by, setBy] = useUrlState("by");
  const x = numbers.includes(askedX) ? askedX : usualX;
  const y = numbers.includes(askedY) ? askedY : usualY;
  if (numbers.length < 2)
    return <EmptyState>These runs have fewer than two parameters or metrics in common that are numbers.</EmptyState>;

  const points = runs.flatMap((run) => {
    const [a, b] = [numberOf(run, x), numberOf(run, y)];
    const group = by === "" ? "" : (run.params[wordOf(by)] ?? "none");
    const label = names.find((one) => one.id === run.id)?.name ?? run.name;
    if (a === null || b === null) return [];
    const color = by === "" ? views.strokeOf(run.id).color : undefined;
    return [{ group, point: { id: run.id, x: a, y: b, label, color, dim: views.dimmed(run.id) } }];
  });
  const groups = [...new Set(points.map(({ group }) => group))].sort();
  const scaleOf = (field: string): ScaleKind =>
    axisOf(runs, { field, scale: null }).kind === "log" ? "log" : "linear";
  const [xScale, yScale] = [scaleOf(x), scaleOf(y)];
  const logarithmic = [xScale === "log" ? wordOf(x) : "", yScale === "log" ? wordOf(y) : ""].filter(Boolean);
  const notes = [
    leftOut(runs, [x, y]),
    logarithmic.length > 0 ? `${[...new Set(logarithmic)].join(" and ")} on a logarithmic axis` : "",
  ].filter((note) => note !== null && note !== "");
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label="Horizontal">
          <Select value={x} onValueChange={setX} options={optionsOf(numbers)} />
        </Field>
        <Field label="Vertical">
          <Select value={y} onValueChange={setY} options={optionsOf(numbers)} />
        </Field>
        <Field label="Colours">
          <Select value={by} onValueChange={setBy} placeholder="Each run its own" options={optionsOf(words)} />
        </Field>
      </div>
      <ScatterPlot
        title={`${wordOf(y)} by ${wordOf(x)}`}
        groups={groups.map((group) => ({
          id: group,
          name: group === "" ? "Runs" : `${wordOf(by)}: ${group}`,
          points: points.filter((one) => one.group === group).map((one) => one.point),
        }))}
        xLabel={wordOf(x)}
        yLabel={wordOf(y)}
        digits={4}
        height={320}
        xScale={xScale}
        yScale={yScale}
        {...(notes.length > 0 ? { footnote: notes.join(" · ") } : {})}
      />
    </div>
  );
}
