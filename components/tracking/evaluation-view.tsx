"use client";

import { useMemo } from "react";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { Section } from "#components/ui/card.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Stat } from "#components/ui/stat.tsx";
import type {
  EvaluationClassDto,
  EvaluationDto,
  EvaluationMetricDto,
  EvaluationResultDto,
  EvaluationSegmentDto,
} from "#server/tracking/contract.ts";
import { ConfusionMatrix } from "./confusion-matrix.tsx";
import { METRIC_NAMES } from "./metric-words.ts";
import { UnitSquare } from "./unit-square.tsx";

const HEAD = [
  "accuracy",
  "precision",
  "recall",
  "f1",
  "f1_macro",
  "auc",
  "log_loss",
  "brier",
  "rmse",
  "mae",
  "mse",
  "r2",
];

const valueOf = (metrics: readonly EvaluationMetricDto[], name: string): EvaluationMetricDto | undefined =>
  metrics.find((metric) => metric.name === name);

const metricColumns: Column<EvaluationMetricDto>[] = [
  { id: "name", header: "Metric", value: (m) => METRIC_NAMES[m.name] ?? m.name, width: 170, grow: 1 },
  {
    id: "value",
    header: "Value",
    value: (m) => m.value,
    cell: (m) => (m.value === null ? "–" : formatNumber(m.value, 6)),
    numeric: true,
    width: 110,
  },
  { id: "note", header: "Note", value: (m) => m.note ?? "", width: 160, grow: 2 },
];

const classColumns: Column<EvaluationClassDto>[] = [
  { id: "class", header: "Class", value: (c) => c.class, width: 140, grow: 1 },
  { id: "precision", header: "Precision", value: (c) => c.precision, numeric: true, width: 104 },
  { id: "recall", header: "Recall", value: (c) => c.recall, numeric: true, width: 90 },
  { id: "f1", header: "F1", value: (c) => c.f1, numeric: true, width: 90 },
  { id: "support", header: "Rows", value: (c) => c.support, numeric: true, width: 90 },
];

function segmentColumns(result: EvaluationResultDto): Column<EvaluationSegmentDto>[] {
  const names = HEAD.filter((name) => valueOf(result.metrics, name) !== undefined).slice(0, 6);
  return [
    { id: "column", header: "Segment", value: (s) => s.column, width: 120, grow: 1 },
    { id: "value", header: "Value", value: (s) => s.value ?? "(empty)", width: 120, grow: 1 },
    { id: "n", header: "Rows", value: (s) => s.n, numeric: true, width: 80 },
    ...names.map(
      (name): Column<EvaluationSegmentDto> => ({
        id: name,
        header: METRIC_NAMES[name] ?? name,
        value: (s) => valueOf(s.metrics, name)?.value ?? null,
        numeric: true,
        width: 104,
      }),
    ),
  ];
}

/** What the platform computed of one file of predictions. */
export function EvaluationView({ evaluation, result }: { evaluation: EvaluationDto; result: EvaluationResultDto }) {
  const columns = useMemo(() => segmentColumns(result), [result]);
  const head = HEAD.map((name) => valueOf(result.metrics, name))
    .filter((metric) => metric !== undefined)
    .filter((metric) => !(metric.name === "f1_macro" && valueOf(result.metrics, "f1") !== undefined))
    .slice(0, 6);
  return (
    <div className="space-y-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
        {head.map((metric) => (
          <Stat
            key={metric.name}
            label={METRIC_NAMES[metric.name] ?? metric.name}
            value={metric.value === null ? "–" : formatNumber(metric.value, 4)}
            n={result.n}
            of="rows"
          />
        ))}
      </div>
      {result.confusion === null ? null : (
        <div className="grid items-start gap-3 xl:grid-cols-2">
          <div className="space-y-3">
            <ConfusionMatrix confusion={result.confusion} />
            <DataTable
              label="Classes"
              rows={result.perClass}
              columns={classColumns}
              rowId={(c) => c.class}
              param="c"
              toolbar={false}
              maxHeight="320px"
            />
            {result.calibration.length > 0 ? <Calibration evaluation={evaluation} bins={result.calibration} /> : null}
          </div>
          {result.roc.length > 0 ? <Curves result={result} /> : null}
        </div>
      )}
      {result.segments.length > 0 ? (
        <Section
          title="Segments"
          description={
            result.segmentsLeftOut > 0
              ? `The most frequent values; ${result.segmentsLeftOut} more are left out`
              : "The same scores for each value"
          }
        >
          <DataTable
            label="Segments"
            rows={result.segments}
            columns={columns}
            rowId={(s) => `${s.column} ${s.value ?? ""}`}
            param="s"
            toolbar={false}
            maxHeight="420px"
          />
        </Section>
      ) : null}
      <div className="max-w-3xl">
        <Section title="All metrics" description="Equal to scikit-learn; a share of nothing counts as 0">
          <DataTable
            label="All metrics"
            rows={result.metrics}
            columns={metricColumns}
            rowId={(m) => m.name}
            param="em"
            toolbar={false}
            maxHeight="520px"
          />
        </Section>
      </div>
    </div>
  );
}

/** ROC above precision and recall: of the positive class, or of each class against the rest. */
function Curves({ result }: { result: EvaluationResultDto }) {
  const named = (name: string): string => (result.roc.length > 1 ? `${name} against the rest` : name);
  return (
    <div className="space-y-3">
      <UnitSquare
        title="ROC"
        description={curveText(
          "AUC",
          result.roc.map((one) => one.auc),
          result.n,
        )}
        xLabel="false-positive rate"
        yLabel="true-positive rate"
        guide="diagonal"
        empty="All rows are of one class."
        curves={result.roc.map((one) => ({
          id: one.class,
          name: named(one.class),
          points: one.points.map((p) => ({ x: p.falsePositiveRate, y: p.truePositiveRate, threshold: p.threshold })),
        }))}
      />
      <UnitSquare
        title="Precision and recall"
        description={curveText(
          "average precision",
          result.pr.map((one) => one.averagePrecision),
          result.n,
        )}
        xLabel="recall"
        yLabel="precision"
        guide={result.pr.length === 1 ? (result.pr[0]?.baseline ?? undefined) : undefined}
        empty="No row is of the positive class."
        curves={result.pr.map((one) => ({
          id: one.class,
          name: named(one.class),
          points: one.points.map((p) => ({ x: p.recall, y: p.precision, threshold: p.threshold })),
        }))}
      />
    </div>
  );
}

function Calibration({ evaluation, bins }: { evaluation: EvaluationDto; bins: EvaluationResultDto["calibration"] }) {
  const of = evaluation.positive === null ? "" : ` of ${evaluation.positive}`;
  return (
    <UnitSquare
      title="Calibration"
      description={`Observed share${of} by predicted probability, ${bins.length} bins`}
      xLabel="mean probability"
      yLabel="observed share"
      guide="diagonal"
      dots
      curves={[
        {
          id: "bins",
          name: evaluation.positive ?? "positive",
          points: bins.flatMap((bin) =>
            bin.predicted === null || bin.observed === null
              ? []
              : [{ x: bin.predicted, y: bin.observed, threshold: null }],
          ),
        },
      ]}
    />
  );
}

function curveText(name: string, values: readonly (number | null)[], n: number): string {
  const [only] = values;
  const rows = `${n.toLocaleString("en")} rows`;
  return values.length === 1 && typeof only === "number" ? `${name} ${formatNumber(only, 4)}, ${rows}` : rows;
}
