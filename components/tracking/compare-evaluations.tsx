"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Download } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { download, toCsv } from "#components/ui/csv.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import type { CanvasLine } from "#components/ui/charts/canvas-lines.ts";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { LinesPlot } from "#components/ui/charts/lines-plot.tsx";
import { MatrixPlot } from "#components/ui/charts/matrix-plot.tsx";
import type { Range } from "#components/ui/charts/axis-scale.ts";
import type { EvaluationDto } from "#server/tracking/contract.ts";
import { evaluationsQuery } from "./compare-queries.ts";
import { METRIC_NAMES } from "./metric-words.ts";
import type { NamedRun } from "./metric-lines.ts";
import { rangeText } from "./chart-settings.ts";
import type { RunViews } from "./run-views.ts";

/** Runs that are asked for at once. */
const MOST_RUNS = 200;

/** What the platform computed from logged predictions, the runs beside and over each other: scores, curves, confusion. */
export function CompareEvaluations({
  project,
  runs,
  views,
}: {
  project: string;
  runs: readonly NamedRun[];
  views: RunViews;
}) {
  const ids = useMemo(() => runs.slice(0, MOST_RUNS).map((run) => run.id), [runs]);
  const query = useQuery(evaluationsQuery(project, ids));
  const [askedName, setName] = useUrlState("ev");
  const [askedClass, setClass] = useUrlState("ec");
  const all = query.data;
  if (query.error && all === undefined) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (all === undefined) return <Skeleton className="h-60 w-full" />;
  if (all.length === 0)
    return (
      <EmptyState>
        None of these runs has an evaluation. Log predictions.csv or predictions.parquet with the outcome and the
        prediction of every row, or start one on a run&apos;s Evaluations tab.
      </EmptyState>
    );
  const names = [...new Set(all.map((one) => one.name))].sort();
  const name = names.includes(askedName) ? askedName : (names[0] ?? "");
  // Of each run the newest of that name; the list is ordered so.
  const shown = views.shown.flatMap((run) => {
    const one = all.find((each) => each.runId === run.id && each.name === name);
    return one === undefined || views.dimmed(run.id) ? [] : [{ run, evaluation: one }];
  });
  const done = shown.flatMap(({ run, evaluation }) =>
    evaluation.result === null ? [] : [{ run, evaluation, result: evaluation.result }],
  );
  const classes = [...new Set(done.flatMap(({ result }) => result.roc.map((curve) => curve.class)))].sort();
  const positive = classes.includes(askedClass) ? askedClass : (classes[0] ?? "");
  const pending = shown.filter(({ evaluation }) => evaluation.status === "queued" || evaluation.status === "running");
  const failed = shown.filter(({ evaluation }) => evaluation.status === "failed");
  const without = views.shown.length - shown.length;
  const curve = (
    make: (entry: (typeof done)[number]) => (Pick<CanvasLine, "xs" | "ys"> & { score: number | null }) | null,
  ) =>
    done.flatMap((entry): CanvasLine[] => {
      const made = make(entry);
      if (made === null) return [];
      const said = made.score === null ? "" : ` ${formatNumber(made.score, 3)}`;
      return [
        {
          id: entry.run.id,
          name: `${entry.run.name}${said}`,
          stroke: views.strokeOf(entry.run.id),
          bold: views.bold(entry.run.id),
          xs: made.xs,
          ys: made.ys,
        },
      ];
    });
  const roc = curve(({ result }) => {
    const one = result.roc.find((each) => each.class === positive);
    return one === undefined
      ? null
      : {
          xs: one.points.map((p) => p.falsePositiveRate),
          ys: one.points.map((p) => p.truePositiveRate),
          score: one.auc,
        };
  });
  const pr = curve(({ result }) => {
    const one = result.pr.find((each) => each.class === positive);
    if (one === undefined) return null;
    // By rising recall; sorting would shuffle points of equal recall.
    const points = one.points.toReversed();
    return { xs: points.map((p) => p.recall), ys: points.map((p) => p.precision), score: one.averagePrecision };
  });
  return (
    <div className="space-y-4">
      {runs.length > MOST_RUNS ? (
        <p className="text-sm text-muted">
          The evaluations of the first {MOST_RUNS} of {runs.length} compared runs.
        </p>
      ) : null}
      <div className="flex flex-wrap gap-3">
        {names.length > 1 ? (
          <div className="w-64">
            <Field label="Evaluation">
              <Select
                value={name}
                onValueChange={setName}
                options={names.map((each) => ({ value: each, label: each }))}
              />
            </Field>
          </div>
        ) : null}
        {classes.length > 1 ? (
          <div className="w-64">
            <Field label="Class of the curves">
              <Select
                value={positive}
                onValueChange={setClass}
                options={classes.map((each) => ({ value: each, label: each }))}
              />
            </Field>
          </div>
        ) : null}
      </div>
      <p className="text-xs text-muted" role="status">
        {[
          `${name}: ${plural(done.length, "run")}`,
          pending.length > 0 ? `${pending.length} being computed` : "",
          failed.length > 0 ? `${failed.length} failed (${failed[0]?.evaluation.error ?? ""})` : "",
          without > 0 ? `${without} without it` : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {done.length === 0 ? null : <Scores done={done} />}
      {roc.length + pr.length === 0 ? null : (
        <div className="grid gap-3 xl:grid-cols-2">
          <Curves
            title="ROC"
            x="False positive rate"
            y="True positive rate"
            lines={roc}
            guide={CHANCE}
            param="rocx"
            positive={positive}
          />
          <Curves title="Precision and recall" x="Recall" y="Precision" lines={pr} param="prx" positive={positive} />
        </div>
      )}
      <div className="grid gap-3 [grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))]">
        {done.map(({ run, result }) =>
          result.confusion === null || result.confusion.classes.length > 30 ? null : (
            <MatrixPlot
              key={run.id}
              title={run.name}
              description={`Confusion of ${plural(result.n, "row")}`}
              names={result.confusion.classes}
              counts={result.confusion.counts}
              rowWord="Actual"
              columnWord="Predicted"
            />
          ),
        )}
      </div>
    </div>
  );
}

function Scores({
  done,
}: {
  done: readonly { run: NamedRun; evaluation: EvaluationDto; result: NonNullable<EvaluationDto["result"]> }[];
}) {
  const metrics = [...new Set(done.flatMap(({ result }) => result.metrics.map((metric) => metric.name)))];
  const words = metrics.map((metric) => METRIC_NAMES[metric] ?? metric);
  const valueOf = ({ result }: (typeof done)[number], name: string): number | null =>
    result.metrics.find((metric) => metric.name === name)?.value ?? null;
  const save = (): void =>
    download(
      "evaluations.csv",
      toCsv(
        ["Run", "n", ...words],
        done.map((one) => [one.run.name, one.result.n, ...metrics.map((name) => valueOf(one, name))]),
      ),
    );
  return (
    <section className="space-y-2">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-sm font-medium">Scores</h3>
        <Button size="sm" icon={<Download aria-hidden />} onClick={save}>
          Export CSV
        </Button>
      </div>
      <div
        className="overflow-x-auto rounded-md border bg-surface"
        tabIndex={0}
        role="region"
        aria-label="Scores of the evaluations"
      >
        <table className="w-full text-xs">
          <thead>
            <tr className="bg-raised text-muted">
              <th scope="col" className="px-3 py-1.5 text-left font-medium">
                Run
              </th>
              <th scope="col" className="num px-3 py-1.5 font-medium">
                n
              </th>
              {words.map((word) => (
                <th key={word} scope="col" className="num px-3 py-1.5 font-medium whitespace-nowrap">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {done.map((one) => (
              <tr key={one.run.id}>
                <th
                  scope="row"
                  className="max-w-56 truncate border-t px-3 py-1.5 text-left font-normal"
                  title={one.run.name}
                >
                  {one.run.name}
                </th>
                <td className="num border-t px-3 py-1.5">{one.result.n}</td>
                {metrics.map((name) => (
                  <td key={name} className="num border-t px-3 py-1.5">
                    {formatNumber(valueOf(one, name), 4)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Both axes are shares: from an axis that begins at the least value a weak curve would look like a strong one. */
const UNIT: Range = [0, 1];
const CHANCE: CanvasLine = {
  id: "chance",
  name: "chance",
  stroke: { color: "var(--muted)", dash: "4 4" },
  xs: UNIT,
  ys: UNIT,
};

function Curves({
  title,
  x,
  y,
  lines,
  guide,
  param,
  positive,
}: {
  title: string;
  x: string;
  y: string;
  lines: readonly CanvasLine[];
  /** What the curves are held against. */
  guide?: CanvasLine;
  param: string;
  positive: string;
}) {
  const [text, setText] = useUrlState(param);
  const range = useMemo((): Range | null => {
    const [from, to] = text.split("~").map(Number);
    return text !== "" && from !== undefined && to !== undefined && to > from ? [from, to] : null;
  }, [text]);
  return (
    <ChartFrame
      title={title}
      description={positive === "" ? undefined : `Positive: ${positive}. ${y} by ${x.toLowerCase()}.`}
      height={280}
      nothing={lines.length === 0}
      empty="No probabilities were logged."
      names={lines.map(({ name, stroke }) => ({ name, color: stroke.color, dash: stroke.dash }))}
      table={() => ({
        columns: ["Run", x, y],
        rows: lines.flatMap((line) => line.xs.map((at, i) => [line.name, at, line.ys[i]])),
      })}
    >
      {(height) => (
        <LinesPlot
          label={title}
          height={height}
          lines={guide === undefined ? lines : [guide, ...lines]}
          yWhole={UNIT}
          xKind="number"
          xScale="linear"
          yScale="linear"
          range={range}
          onRange={(next) => setText(rangeText(next) ?? "")}
          leaveOutliers={false}
          syncKey={param}
          digits={3}
          xWord={(at) => `${x} ${formatNumber(at, 3)}`}
        />
      )}
    </ChartFrame>
  );
}
