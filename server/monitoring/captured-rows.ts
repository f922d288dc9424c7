import { openVersion } from "#server/data/index.ts";
import { Origin, type OpenedVersion } from "#server/data/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import type { AddedRows } from "#server/platform/table-append.ts";
import type { ModelSignature, VersionDto } from "#server/registry/contract.ts";
import type { TrafficWindow } from "#server/serving/contract.ts";
import { listLoggedWindows, type LoggedWindow, readAllRows } from "./traffic.ts";

/** Which traffic would be added to which version. */
export interface CapturePlan {
  readonly base: OpenedVersion;
  readonly label: string;
  /** Windows of a month, so that no more than one of them is in memory. */
  readonly windows: readonly LoggedWindow[];
  /** Predictions with an outcome, as the log counts them. */
  readonly rows: number;
  readonly to: number;
}

/**
 * What captured traffic of an endpoint adds to the dataset that a version was trained on: every prediction with an outcome before `until`. It is added to
 * the newest version that holds none of it yet, so that nothing is in a dataset twice; versions made from captured traffic are passed over as long as
 * the log still has all that they hold.
 * Errors: conflict when the version names no dataset, or the dataset no label column.
 */
export async function planCapture(
  db: Db,
  projectId: string,
  endpoint: { readonly id: string; readonly name: string },
  champion: VersionDto,
  until: number,
): Promise<CapturePlan> {
  const { dataset } = champion;
  if (!dataset)
    throw new AppError("conflict", `${champion.model} version ${champion.version} names no dataset to train on.`, {
      field: "dataset",
      remedy: "Start the pipeline by hand with the dataset it should use.",
    });
  const logged = (await listLoggedWindows(endpoint.id, "month")).filter((window) => window.startsAt < until);
  const { base, from } = await baseOf(db, projectId, dataset.name, endpoint.name, logged[0]?.startsAt ?? until);
  const label = base.labelColumn ?? champion.signature?.labelColumn ?? null;
  if (label === null || !base.schema.some((column) => column.name === label))
    throw new AppError("conflict", `The dataset '${dataset.name}' does not say which column is the label.`, {
      field: "labelColumn",
      remedy: `Set the label column of ${dataset.name} in Data.`,
    });
  const windows = logged
    .filter((window) => window.endsAt > from)
    .map((window) => ({
      ...window,
      startsAt: Math.max(window.startsAt, from),
      endsAt: Math.min(window.endsAt, until),
    }));
  return { base, label, windows, rows: windows.reduce((sum, window) => sum + window.outcomes, 0), to: until };
}

async function baseOf(db: Db, projectId: string, dataset: string, endpoint: string, logFrom: number) {
  const versions = await db.datasetVersion.findMany({
    where: { projectId, dataset: { projectId, name: dataset } },
    orderBy: { version: "desc" },
    select: { id: true, origin: true },
  });
  for (const version of versions) {
    const origin = Origin.parse(version.origin);
    const isOurs = origin.kind === "captured-traffic" && origin.endpoint === endpoint;
    if (isOurs && logFrom <= Date.parse(origin.from)) continue;
    return {
      base: await openVersion(db, projectId, version.id),
      from: isOurs ? Date.parse(origin.to) : Number.NEGATIVE_INFINITY,
    };
  }
  throw new AppError("not_found", `The dataset '${dataset}' has no version to add to.`, { field: "dataset" });
}

/** Reads the rows of a plan, by time, with the columns of the base that they have values for. */
export async function readCaptured(
  endpointId: string,
  plan: CapturePlan,
  signature: ModelSignature,
): Promise<AddedRows & { readonly from: number | null }> {
  const columns = new Map(plan.base.schema.map((column) => [column.name, column.type]));
  const inputs = signature.inputs.filter((input) => columns.has(input.name) && input.name !== plan.label);
  const parts: { window: TrafficWindow; kept: number[] }[] = [];
  for (const span of plan.windows) {
    if (span.outcomes === 0) continue;
    const window = await readAllRows(endpointId, span);
    const lost = inputs.find(({ name }) => window.redacted.includes(name));
    if (lost)
      throw new AppError(
        "conflict",
        `The endpoint's log drops or hashes '${lost.name}', so its traffic cannot be trained on.`,
        {
          field: "dataset",
          value: lost.name,
          remedy: "Train on a dataset that has the column, or let the log keep it from now on.",
        },
      );
    const kept: number[] = [];
    for (let row = 0; row < window.rows; row++) if (outcomeOf(window, row) !== null) kept.push(row);
    kept.sort((a, b) => (window.eventTimes[a] ?? 0) - (window.eventTimes[b] ?? 0));
    parts.push({ window, kept });
  }
  const count = parts.reduce((sum, part) => sum + part.kept.length, 0);
  const times = new Float64Array(count);
  const labels: (string | null)[] = [];
  const numbers: Record<string, Float64Array> = {};
  const texts: Record<string, (string | null)[]> = { [plan.label]: labels };
  for (const { name, datatype } of inputs)
    if (datatype === "BYTES") texts[name] = [];
    else numbers[name] = new Float64Array(count);
  let at = 0;
  for (const { window, kept } of parts)
    for (const row of kept) {
      times[at] = window.eventTimes[row] ?? Number.NaN;
      labels.push(outcomeOf(window, row));
      for (const { name, datatype } of inputs) {
        const column = numbers[name];
        if (column) column[at] = asSent(window.numbers[name]?.[row] ?? Number.NaN, datatype, columns.get(name));
        else texts[name]?.push(window.categories[name]?.[row] || null);
      }
      at += 1;
    }
  return { count, numbers, texts, times, from: count === 0 ? null : (times[0] ?? null) };
}

function outcomeOf(window: TrafficWindow, row: number): string | null {
  const label = window.outcomes.labels[row];
  if (label !== null && label !== undefined) return label;
  const value = window.outcomes.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? null : String(value);
}

/**
 * A number as the caller is likely to have sent it: what passed through 32 bits is the shortest decimal that 32 bits round to the same, so that 37.9 does
 * not come back as 37.900001525878906.
 */
export function asSent(value: number, datatype: string, type: string | undefined): number {
  if (datatype !== "FP32" || type === "FLOAT" || !Number.isFinite(value)) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
