import type { ReactNode } from "react";
import type { CheckEvidence, HoldoutEvidence } from "#server/governance/contract.ts";
import { GoldenFacts } from "#components/registry/parts/golden-facts.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { formatChange, formatNumber, formatStated } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";

const METRICS: Readonly<Record<string, string>> = { accuracy: "Accuracy", auc: "AUC", log_loss: "Log-loss" };
const TESTS: Readonly<Record<string, string>> = {
  mcnemar: "exact McNemar test on the same rows; interval by Tango",
  delong: "DeLong test of two correlated AUCs on the same rows",
  paired_t: "paired t test of the loss per row",
};
const count = (n: number): string => n.toLocaleString("en-GB");
const span = (low: number | null, high: number | null): string =>
  low === null || high === null ? "no interval" : `${formatNumber(low, 4)} to ${formatNumber(high, 4)}`;
const p = (value: number | null): string =>
  value === null ? "–" : value < 0.0001 ? "< 0.0001" : formatNumber(value, 3);

/** The place of the difference against 0 and the allowed loss, to scale. The same facts stand as numbers beside it. */
function IntervalPlot({ evidence }: { evidence: HoldoutEvidence }) {
  const { difference, low, high, margin } = evidence;
  if (difference === null || low === null || high === null) return null;
  const reach = Math.max(Math.abs(low), Math.abs(high), margin, 1e-9) * 1.15;
  const x = (value: number): number => 50 + (value / reach) * 48;
  const marks: [number, string][] = [
    ...(margin > 0 ? ([[-margin, `−${formatStated(margin)} allowed`]] satisfies [number, string][]) : []),
    [0, "as good"],
  ];
  return (
    <div className="max-w-xl">
      <svg
        viewBox="0 0 100 16"
        className="h-16 w-full"
        role="img"
        aria-label={`The difference is ${formatChange(difference)}, between ${formatChange(low)} and ${formatChange(high)}; a loss of ${formatStated(margin)} is allowed.`}
        preserveAspectRatio="none"
      >
        <rect x={0} y={2} width={x(-margin)} height={12} className="fill-bad-soft" />
        <line
          x1={x(-margin)}
          x2={x(-margin)}
          y1={1}
          y2={15}
          className="stroke-bad"
          strokeWidth={0.3}
          strokeDasharray="1 0.7"
          vectorEffect="non-scaling-stroke"
          style={{ strokeWidth: 1.5 }}
        />
        <line
          x1={x(0)}
          x2={x(0)}
          y1={1}
          y2={15}
          className="stroke-line-strong"
          vectorEffect="non-scaling-stroke"
          style={{ strokeWidth: 1 }}
        />
        <line
          x1={x(low)}
          x2={x(high)}
          y1={8}
          y2={8}
          className="stroke-steel"
          vectorEffect="non-scaling-stroke"
          style={{ strokeWidth: 3 }}
        />
        <line
          x1={x(difference)}
          x2={x(difference)}
          y1={5}
          y2={11}
          className="stroke-steel"
          vectorEffect="non-scaling-stroke"
          style={{ strokeWidth: 3 }}
        />
      </svg>
      <div className="relative h-4 text-2xs text-muted" aria-hidden>
        {marks.map(([value, label]) => (
          <span
            key={label}
            className="absolute -translate-x-1/2 whitespace-nowrap"
            style={{ left: `${Math.max(8, x(value))}%` }}
          >
            {label}
          </span>
        ))}
      </div>
    </div>
  );
}

function PairedTable({ table }: { table: NonNullable<HoldoutEvidence["table"]> }) {
  const cell = (n: number, strong = false): ReactNode => (
    <td className={`num border px-3 py-1.5 ${strong ? "font-semibold" : ""}`}>{count(n)}</td>
  );
  return (
    <table className="self-start border-collapse text-xs">
      <caption className="mb-1 text-left text-muted">Rows by who was right</caption>
      <thead>
        <tr>
          <td />
          <th scope="col" className="border px-3 py-1.5 font-medium text-steel">
            challenger right
          </th>
          <th scope="col" className="border px-3 py-1.5 font-medium text-steel">
            challenger wrong
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" className="border px-3 py-1.5 text-left font-medium text-gold">
            champion right
          </th>
          {cell(table.bothRight)}
          {cell(table.onlyChampion, true)}
        </tr>
        <tr>
          <th scope="row" className="border px-3 py-1.5 text-left font-medium text-gold">
            champion wrong
          </th>
          {cell(table.onlyChallenger, true)}
          {cell(table.bothWrong)}
        </tr>
      </tbody>
    </table>
  );
}

function Holdout({ evidence: e }: { evidence: HoldoutEvidence }) {
  const metric = METRICS[e.metric] ?? e.metric;
  const level = Math.round((1 - 2 * e.alpha) * 100);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-[repeat(auto-fit,minmax(180px,1fr))] gap-3">
        <div className="rounded-md border border-t-2 border-t-gold-fill p-3">
          <p className="text-xs text-gold">Champion{e.champion ? `, version ${e.champion.version}` : ""}</p>
          <p className="text-xl font-semibold tabular-nums">
            {e.champion ? formatNumber(e.champion.value, 4) : "none yet"}
          </p>
          <p className="text-xs text-muted tabular-nums">
            {e.champion ? span(e.champion.low, e.champion.high) : "nothing to compare with"}
          </p>
        </div>
        <div className="rounded-md border border-t-2 border-t-steel-fill p-3">
          <p className="text-xs text-steel">Challenger</p>
          <p className="text-xl font-semibold tabular-nums">{formatNumber(e.challenger.value, 4)}</p>
          <p className="text-xs text-muted tabular-nums">{span(e.challenger.low, e.challenger.high)}</p>
        </div>
        <div className="rounded-md border p-3">
          <p className="text-xs text-muted">Difference in {metric === "AUC" ? metric : metric.toLowerCase()}</p>
          <p className="text-xl font-semibold tabular-nums">
            {e.difference === null ? "–" : formatChange(e.difference)}
          </p>
          <p className="text-xs text-muted tabular-nums">
            {e.low === null || e.high === null ? "" : `${formatChange(e.low)} to ${formatChange(e.high)} (${level}%)`}
          </p>
        </div>
      </div>
      <IntervalPlot evidence={e} />
      <div className="flex flex-wrap gap-x-10 gap-y-4">
        {e.table ? <PairedTable table={e.table} /> : null}
        <div className="min-w-72 flex-1">
          <KeyValue
            items={[
              {
                label: "Rows",
                value: `${count(e.n)}${e.dropped > 0 ? `, ${count(e.dropped)} left out` : ""}${e.positives === null ? "" : `, ${count(e.positives)} positive`}`,
              },
              {
                label: "Hold-out",
                value: (
                  <>
                    <span className="font-mono">{e.dataset.name}</span> version {e.dataset.version}{" "}
                    <Hash value={e.dataset.sha256} />
                  </>
                ),
              },
              e.where !== null && { label: "Rows kept", value: <code className="font-mono text-xs">{e.where}</code> },
              { label: "Test", value: TESTS[e.test] ?? e.test },
              {
                label: "Asked for",
                value: `${e.require === "superior" ? "better" : `not worse by more than ${formatStated(e.margin)}`}, α = ${e.alpha} one-sided, at least ${count(e.minN)} rows`,
              },
              e.pNonInferior !== null && { label: "p (not worse)", value: p(e.pNonInferior) },
              e.pSuperior !== null && { label: "p (better)", value: p(e.pSuperior) },
            ]}
          />
        </div>
      </div>
    </div>
  );
}

/** The figures behind a check, in the form that belongs to its kind. */
export function Evidence({ evidence }: { evidence: CheckEvidence }) {
  switch (evidence.kind) {
    case "holdout":
      return <Holdout evidence={evidence} />;
    case "dataset":
      return (
        <div className="flex flex-col gap-2 text-xs">
          <p>
            <span className="font-mono">{evidence.dataset.name}</span> version {evidence.dataset.version}{" "}
            <Hash value={evidence.dataset.sha256} />: {evidence.rules - evidence.failed.length} of {evidence.rules}{" "}
            expectations hold.
          </p>
          <ul className="list-disc pl-5">
            {evidence.failed.map((rule) => (
              <li key={rule.text}>
                {rule.text}: {rule.observed}
              </li>
            ))}
          </ul>
        </div>
      );
    case "signature":
      return evidence.differences.length === 0 ? (
        <p className="text-xs text-muted">
          {evidence.against === null
            ? "There is no endpoint yet to be compatible with."
            : `Inputs, outputs and classes are those of version ${evidence.against}.`}
        </p>
      ) : (
        <ul className="flex flex-col gap-1 text-xs">
          {evidence.differences.map((difference) => (
            <li key={difference.sentence} className="flex items-start gap-2">
              <Badge tone={difference.breaking ? "bad" : "neutral"}>
                {difference.breaking ? "breaking" : "compatible"}
              </Badge>
              {difference.sentence}
            </li>
          ))}
        </ul>
      );
    case "latency":
      return (
        <KeyValue
          columns={3}
          items={[
            { label: "Median", value: `${formatNumber(evidence.p50Ms)} ms` },
            { label: "p95", value: `${formatNumber(evidence.p95Ms)} ms of ${formatNumber(evidence.budgetMs)} ms` },
            { label: "p99", value: `${formatNumber(evidence.p99Ms)} ms` },
            {
              label: "Champion p95",
              value: evidence.championP95Ms === null ? "–" : `${formatNumber(evidence.championP95Ms)} ms`,
            },
            { label: "Rows timed", value: count(evidence.requests) },
          ]}
        />
      );
    case "golden":
      return evidence.golden ? (
        <GoldenFacts golden={evidence.golden} />
      ) : (
        <p className="text-xs text-muted">No golden rows were logged with this version.</p>
      );
    case "none":
      return null;
  }
}
