"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { Sized } from "#components/ui/charts/sized.tsx";
import type { ImportanceResultDto, RunSummaryDto } from "#server/tracking/contract.ts";
import { importanceQuery } from "./compare-queries.ts";

/** Which parameters go with a metric: computed by the worker, with what has to be known to read it. */
export function CompareImportance({
  project,
  runs,
  metrics,
}: {
  project: string;
  runs: readonly RunSummaryDto[];
  metrics: readonly string[];
}) {
  const [asked, setAsked] = useUrlState("im");
  const metric = metrics.includes(asked) ? asked : (metrics[0] ?? "");
  // In an order of their own, so that the same runs are the same question.
  const ids = useMemo(() => runs.map((run) => run.id).sort(), [runs]);
  const query = useQuery(importanceQuery(project, ids, metric));
  if (metrics.length === 0) return <EmptyState>These runs have no metric.</EmptyState>;
  const answer = query.data;
  return (
    <div className="space-y-3">
      <div className="max-w-80">
        <Field label="Metric">
          <Select
            value={metric}
            onValueChange={setAsked}
            options={metrics.map((name) => ({ value: name, label: name }))}
          />
        </Field>
      </div>
      {query.error ? (
        <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
      ) : answer?.status === "refused" ? (
        <EmptyState>{answer.reason}</EmptyState>
      ) : answer?.status === "failed" ? (
        <ErrorNote
          title="The importance could not be computed"
          error={new Error(answer.reason ?? "The worker gave no reason.")}
          onRetry={() => void query.refetch()}
        />
      ) : answer?.result ? (
        <Importances metric={metric} result={answer.result} />
      ) : (
        <div role="status" className="space-y-2 rounded-md border bg-surface p-4 text-sm text-muted">
          <p>A worker grows the forest; that takes some seconds.</p>
          <div className="bone h-40" />
        </div>
      )}
    </div>
  );
}

/** How far the forest can be trusted, in words. */
function trust(r2: number | null): string {
  if (r2 === null) return "The forest cannot be judged.";
  if (r2 <= 0.1) return "The forest explains next to nothing of unseen runs: do not read the order below.";
  return r2 < 0.5 ? "The forest explains unseen runs only in part." : "The forest explains unseen runs well.";
}

const ROW = 26;
const COLUMN = 96;

function Importances({ metric, result }: { metric: string; result: ImportanceResultDto }) {
  const { parameters } = result;
  return (
    <ChartFrame
      title={`What goes with ${metric}`}
      description={
        <>
          {plural(result.n, "run")} · out-of-bag R² {formatNumber(result.outOfBagR2, 3)} · {result.trees} trees,{" "}
          {result.repetitions} permutations. {trust(result.outOfBagR2)}
        </>
      }
      height={parameters.length * ROW + 34}
      empty="No parameter differs among these runs."
      table={{
        columns: ["Parameter", "Importance", "±", "Rank correlation", "Values", "Kind"],
        rows: parameters.map((each) => [
          each.name,
          each.importance,
          each.spread,
          each.correlation,
          each.values,
          each.kind,
        ]),
      }}
      footnote={
        <>
          Association among these runs, not cause. Importance: by how much R² on unseen runs falls when the parameter is
          shuffled; ± one standard deviation. Parameters that always change together share theirs.
          {result.leftOut.length === 0 ? null : (
            <> Left out: {result.leftOut.map(({ name, why }) => `${name} (${why})`).join(", ")}.</>
          )}
        </>
      }
    >
      {(height) => (
        <div className="overflow-y-auto" style={{ height }}>
          <Sized>{(width) => <Bars width={width} parameters={parameters} />}</Sized>
        </div>
      )}
    </ChartFrame>
  );
}

function Bars({ width, parameters }: { width: number; parameters: ImportanceResultDto["parameters"] }) {
  const names = Math.min(width * 0.3, Math.max(...parameters.map((each) => each.name.length)) * 7 + 16);
  const room = Math.max(40, width - names - 2 * COLUMN - 12);
  const low = Math.min(0, ...parameters.map((each) => each.importance - each.spread));
  const high = Math.max(0.01, ...parameters.map((each) => each.importance + each.spread));
  const at = (value: number): number => names + ((value - low) / (high - low)) * room;
  const middle = names + room + COLUMN * 1.5;
  const letters = Math.floor((names - 12) / 6.4);
  return (
    <svg
      width={width}
      height={parameters.length * ROW + 28}
      fontSize="12"
      role="img"
      aria-label="Importance of parameters"
    >
      <text x={names + room + COLUMN - 12} y={15} textAnchor="end" fill="var(--muted)" fontSize="11">
        importance
      </text>
      <text x={middle} y={15} textAnchor="middle" fill="var(--muted)" fontSize="11">
        − correlation +
      </text>
      {parameters.map((each, i) => {
        const y = 26 + i * ROW;
        const center = y + ROW / 2;
        const reach = ((each.correlation ?? 0) * COLUMN) / 2.4;
        return (
          <g key={each.name}>
            <title>{`${each.name}: ${formatNumber(each.importance, 3)} ± ${formatNumber(each.spread, 2)}`}</title>
            <text x={names - 8} y={center + 4} textAnchor="end" fill="var(--text)" fontFamily="var(--font-mono)">
              {each.name.length > letters ? `${each.name.slice(0, letters - 1)}…` : each.name}
            </text>
            <rect
              x={Math.min(at(0), at(each.importance))}
              width={Math.max(1, Math.abs(at(each.importance) - at(0)))}
              y={y + 6}
              height={ROW - 12}
              rx="2"
              fill="var(--chart-4)"
            />
            <line
              x1={at(each.importance - each.spread)}
              x2={at(each.importance + each.spread)}
              y1={center}
              y2={center}
              stroke="var(--text)"
            />
            <text x={names + room + COLUMN - 12} y={center + 4} textAnchor="end" fill="var(--text)" data-number>
              {formatNumber(each.importance, 3)}
            </text>
            <line x1={middle} x2={middle} y1={y + 4} y2={y + ROW - 4} stroke="var(--line-strong)" />
            {each.correlation === null ? (
              <text x={middle + 8} y={center + 4} fill="var(--muted)" fontSize="11">
                category
              </text>
            ) : (
              <rect
                x={Math.min(middle, middle + reach)}
                width={Math.max(1, Math.abs(reach))}
                y={y + 8}
                height={ROW - 16}
                fill={each.correlation > 0 ? "var(--chart-1)" : "var(--chart-2)"}
              >
                <title>{`Spearman ${formatNumber(each.correlation, 2)}`}</title>
              </rect>
            )}
          </g>
        );
      })}
    </svg>
  );
}
