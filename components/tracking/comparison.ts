import { formatDuration, formatExact } from "#components/ui/format.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { metricCell, metricText } from "./parts/metric-text.ts";

export interface ComparedRow {
  readonly group: "Run" | "Parameters" | "Metrics" | "Environment";
  readonly name: string;
  /** What each run says, in the order of the runs; "–" where it says nothing. */
  readonly cells: readonly string[];
  /** For metrics: the values, so that changes can be computed. */
  readonly values?: readonly (number | null | undefined)[];
  readonly differs: boolean;
}

function row(group: ComparedRow["group"], name: string, cells: readonly string[]): ComparedRow {
  return { group, name, cells, differs: new Set(cells).size > 1 };
}

const namesOf = (runs: readonly RunSummaryDto[], of: (run: RunSummaryDto) => object): string[] =>
  [...new Set(runs.flatMap((run) => Object.keys(of(run))))].sort((a, b) => a.localeCompare(b));

/** Everything in which runs can differ, as rows of a table with a column per run. */
export function comparedRows(runs: readonly RunSummaryDto[]): ComparedRow[] {
  const about = (name: string, say: (run: RunSummaryDto) => string | null): ComparedRow =>
    row(
      "Run",
      name,
      runs.map((run) => say(run) || "–"),
    );
  return [
    about("Status", (r) => r.status.toLowerCase()),
    // These two always differ and explain nothing.
    { ...about("Started", (r) => formatExact(new Date(r.startTime))), differs: false },
    {
      ...about("Duration", (r) =>
        r.endTime === null ? (r.status === "RUNNING" ? "running" : null) : formatDuration(r.endTime - r.startTime),
      ),
      differs: false,
    },
    about("User", (r) => r.createdBy ?? r.userName),
    about("Experiment", (r) => r.experimentName),
    about("Commit", (r) => r.commit?.slice(0, 10) ?? null),
    about("Dataset versions", (r) => r.datasets.map((d) => `${d.name} v${d.version}`).join(", ")),
    about("Logged datasets", (r) => r.inputs.map((i) => `${i.name} ${i.digest}`).join(", ")),
    about("Pipeline step", (r) =>
      r.pipeline ? `${r.pipeline.name ?? ""} #${r.pipeline.number ?? ""} ${r.pipeline.step}` : null,
    ),
    ...namesOf(runs, (r) => r.params).map((name) =>
      row(
        "Parameters",
        name,
        runs.map((r) => r.params[name] ?? "–"),
      ),
    ),
    ...namesOf(runs, (r) => r.metrics).map((name) => {
      const values = runs.map((r) => r.metrics[name]);
      const one = row(
        "Metrics",
        name,
        values.map((value) => metricText(value, 5)),
      );
      return { ...one, values, differs: new Set(values).size > 1 };
    }),
  ];
}

/** Names by which runs can be told apart in a chart: equal ones get the beginning of their id. */
export function distinctNames(
  runs: readonly { readonly id: string; readonly name: string }[],
): { id: string; name: string }[] {
  return runs.map(({ id, name }) => ({
    id,
    name: runs.some((other) => other.id !== id && other.name === name) ? `${name} ${id.slice(0, 6)}` : name,
  }));
}

/** A parameter or metric of a run as a number; null where it is none. */
export function numberOf(run: RunSummaryDto, field: string): number | null {
  const key = field.slice(field.indexOf(":") + 1);
  if (field.startsWith("metric:")) {
    const value = run.metrics[key];
    return value === undefined || value === null || Math.abs(value) > 1e300 ? null : value;
  }
  const text = run.params[key];
  return text === undefined || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** The parameters and metrics that at least two runs have as numbers, and the parameters that are words. */
export function fieldsOf(runs: readonly RunSummaryDto[]): { numbers: string[]; words: string[] } {
  const params = namesOf(runs, (r) => r.params).map((name) => `param:${name}`);
  const metrics = namesOf(runs, (r) => r.metrics).map((name) => `metric:${name}`);
  const numbers = [...params, ...metrics].filter((f) => runs.filter((r) => numberOf(r, f) !== null).length > 1);
  return { numbers, words: params.filter((field) => !numbers.includes(field)) };
}

/** What a chart, table or file says of a field of a run: its number, or what stands in the place of one; null where there is nothing. */
export function cellOf(run: RunSummaryDto, field: string): number | string | null {
  const key = field.slice(field.indexOf(":") + 1);
  return (
    numberOf(run, field) ?? (field.startsWith("metric:") ? metricCell(run.metrics[key]) : (run.params[key] ?? null))
  );
}

/** How many of the runs have no number in one of the fields and are missing from a chart of them, with the reasons; null when all are there. */
export function leftOut(runs: readonly RunSummaryDto[], fields: readonly string[]): string | null {
  const reasons = new Map<string, number>();
  for (const run of runs) {
    const field = fields.find((each) => numberOf(run, each) === null);
    if (field === undefined) continue;
    const name = field.slice(field.indexOf(":") + 1);
    const value = cellOf(run, field);
    const isText = typeof value === "string" && !field.startsWith("metric:");
    const why = value === null ? `no ${name}` : isText ? `${name} is no number` : `${name} is ${value}`;
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  const left = [...reasons.values()].reduce((sum, n) => sum + n, 0);
  if (left === 0) return null;
  const words = [...reasons].map(([why, n]) => (reasons.size === 1 ? why : `${why} in ${n}`)).join(", ");
  return `${left} of ${runs.length} runs left out: ${words}`;
}
