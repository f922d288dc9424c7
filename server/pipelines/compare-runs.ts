import type { ComparedValueDto, ReproductionResultDto, RunEnvironmentDto, Tolerance } from "./origin-contract.ts";

type Verdict = ComparedValueDto["verdict"];

/** Metrics that measure the work and not its result. */
const OF_TIME =
  /(?:^|[_./ -])(?:seconds|secs?|ms|millis(?:econds)?|minutes|duration|elapsed|latency|throughput)$|(?:^|[_./ -])(?:fit|train|training|run|wall|cpu|eval)_time$|^system\//i;

const numberText = (value: number | null | undefined): string | null =>
  value === undefined ? null : value === null ? "NaN" : String(value);

/** |a − b| ≤ absolute + relative · |a|; NaN equals NaN. */
export function withinTolerance(a: number | null, b: number | null, { absolute, relative }: Tolerance): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= absolute + relative * Math.abs(a);
}

/** Latest values of two runs' metrics. */
export function compareMetrics(
  original: Readonly<Record<string, number | null>>,
  repeated: Readonly<Record<string, number | null>>,
  tolerance: Tolerance,
): ComparedValueDto[] {
  const names = [...new Set([...Object.keys(original), ...Object.keys(repeated)])].sort();
  return names.map((name) => {
    const [a, b] = [original[name], repeated[name]];
    const row = (verdict: Verdict, note: string | null = null): ComparedValueDto => ({
      name,
      original: numberText(a),
      repeated: numberText(b),
      verdict,
      note,
    });
    if (a === undefined || b === undefined)
      return row("different", a === undefined ? "only in the repetition" : "missing in the repetition");
    if (a === b) return row("equal");
    if (OF_TIME.test(name)) return row("explained", "it measures time or the machine, which differ from run to run");
    const gap = a === null || b === null ? null : `differs by ${(b - a).toPrecision(3)}`;
    return row(withinTolerance(a, b, tolerance) ? "within" : "different", gap);
  });
}

/** Texts by name, such as parameters: equal or not. */
export function compareTexts(
  original: Readonly<Record<string, string>>,
  repeated: Readonly<Record<string, string>>,
): ComparedValueDto[] {
  return [...new Set([...Object.keys(original), ...Object.keys(repeated)])].sort().map((name) => {
    const [a, b] = [original[name] ?? null, repeated[name] ?? null];
    return {
      name,
      original: a,
      repeated: b,
      verdict: a === b ? ("equal" as const) : ("different" as const),
      note: null,
    };
  });
}

export interface HistoryPoint {
  readonly step: number;
  readonly value: number | null;
}

/** The course of one metric: value by value, in the order of the steps. */
export function compareHistory(
  name: string,
  original: readonly HistoryPoint[],
  repeated: readonly HistoryPoint[],
  tolerance: Tolerance,
): ComparedValueDto {
  const [a, b] = [original.length, repeated.length].map((n) => `${n} values`);
  const row = (verdict: Verdict, note: string | null): ComparedValueDto => ({
    name,
    original: a ?? null,
    repeated: b ?? null,
    verdict,
    note,
  });
  if (OF_TIME.test(name)) return row("explained", "it measures time or the machine, which differ from run to run");
  if (original.length !== repeated.length) return row("different", "not as many values");
  let identical = true;
  for (const [i, point] of original.entries()) {
    const other = repeated[i];
    if (!other || other.step !== point.step) return row("different", `step ${point.step} is missing`);
    if (other.value === point.value) continue;
    identical = false;
    if (!withinTolerance(point.value, other.value, tolerance))
      return row(
        "different",
        `from step ${point.step} on: ${numberText(point.value)} against ${numberText(other.value)}`,
      );
  }
  return row(identical ? "equal" : "within", null);
}

export interface ComparedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Text with everything replaced that every run has of its own: its ids, its models' ids, UUIDs and points in time. */
export function withoutIds(text: string, ids: readonly string[], path: string): string {
  let plain = text;
  ids.forEach((id, i) => {
    plain = plain.replaceAll(id, `<${i}>`);
  });
  plain = plain
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>")
    .replace(/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?/g, "<time>")
    .replace(/\b1[5-9]\d{11}\b/g, "<time>");
  // MLflow's description of a model holds ids without hyphens.
  return /(^|\/)MLmodel$/.test(path) ? plain.replace(/\b[0-9a-f]{32}\b/g, "<id>") : plain;
}

/**
 * Files by path: equal by hash; explained when only ids and times differ; else different. `read` gives a file's text, null where it is none or too large.
 */
export async function compareFiles(
  original: ReadonlyMap<string, ComparedFile>,
  repeated: ReadonlyMap<string, ComparedFile>,
  ids: { readonly original: readonly string[]; readonly repeated: readonly string[] },
  read: (file: ComparedFile) => Promise<string | null>,
): Promise<ComparedValueDto[]> {
  const rows: ComparedValueDto[] = [];
  for (const name of [...new Set([...original.keys(), ...repeated.keys()])].sort()) {
    const [a, b] = [original.get(name), repeated.get(name)];
    const row = (verdict: Verdict, note: string | null = null) =>
      rows.push({ name, original: a?.sha256 ?? null, repeated: b?.sha256 ?? null, verdict, note });
    if (!a || !b) row("different", a ? "missing in the repetition" : "only in the repetition");
    else if (a.sha256 === b.sha256) row("equal");
    else {
      const [before, after] = [await read(a), await read(b)];
      if (
        before !== null &&
        after !== null &&
        withoutIds(before, ids.original, name) === withoutIds(after, ids.repeated, name)
      )
        row("explained", "differs only in ids and times, which every run has of its own");
      else
        row(
          "different",
          a.sizeBytes === b.sizeBytes ? "same size, other content" : `${a.sizeBytes} bytes against ${b.sizeBytes}`,
        );
    }
  }
  return rows;
}

/** Versions, lock and machine: what may explain a difference. */
export function compareEnvironments(original: RunEnvironmentDto, repeated: RunEnvironmentDto): ComparedValueDto[] {
  const facts = (one: RunEnvironmentDto): Record<string, string> => ({
    ...(one.python ? { Python: one.python } : {}),
    ...(one.node ? { Node: one.node } : {}),
    ...(one.lockSha256 ? { "Lock of the packages": one.lockSha256 } : {}),
    ...(one.seed ? { Seed: `${one.seed.name} = ${one.seed.value}` } : {}),
    ...(one.command ? { Command: one.command } : {}),
    ...(one.hardware
      ? {
          Machine: one.hardware.host,
          Processor: one.hardware.processor,
          "Processors given": String(one.hardware.coresGiven),
          "Memory limit": String(one.hardware.memoryLimitBytes),
          System: `${one.hardware.platform} ${one.hardware.release}`,
          "Graphics processors": one.hardware.gpus.join(", ") || "none",
        }
      : {}),
  });
  const packages =
    original.lockSha256 !== null && original.lockSha256 === repeated.lockSha256
      ? []
      : compareTexts(original.packages ?? {}, repeated.packages ?? {}).filter((one) => one.verdict !== "equal");
  return [...compareTexts(facts(original), facts(repeated)), ...packages];
}

/** The verdict of a comparison, and a sentence that says it. Environment and machine explain; they do not count. */
export function verdictOf(result: ReproductionResultDto): { status: "equal" | "different"; summary: string } {
  const parts = [
    ["metric", result.metrics],
    ["parameter", result.params],
    ["history", result.histories],
    ["file", result.artifacts],
    ["output", result.outputs],
  ] as const;
  const all = parts.flatMap(([what, rows]) => rows.map((row) => ({ what, ...row })));
  const different = all.filter((row) => row.verdict === "different");
  const plural = (n: number, word: string) =>
    `${n} ${n === 1 ? word : word.endsWith("y") ? `${word.slice(0, -1)}ies` : `${word}s`}`;
  if (different.length > 0) {
    const named = different
      .slice(0, 3)
      .map((row) =>
        row.what === "metric"
          ? `${row.name} ${row.original ?? "–"} against ${row.repeated ?? "–"}`
          : `${row.what} ${row.name}`,
      );
    const more = different.length > 3 ? ` and ${different.length - 3} more` : "";
    return { status: "different", summary: `${plural(different.length, "difference")}: ${named.join("; ")}${more}.` };
  }
  const counted = parts.filter(([, rows]) => rows.length > 0).map(([what, rows]) => plural(rows.length, what));
  const within = all.filter((row) => row.verdict === "within").length;
  const explained = all.filter((row) => row.verdict === "explained").length;
  const asides = [
    within > 0 ? `${within} within the tolerance` : "",
    explained > 0 ? `${explained} with nothing but ids and times of their own` : "",
  ].filter(Boolean);
  return {
    status: "equal",
    summary: `Equal in ${counted.join(", ")}${asides.length > 0 ? ` (${asides.join(", ")})` : ""}.`,
  };
}
