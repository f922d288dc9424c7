import type { Db } from "#server/platform/db.ts";
import { Golden, rowWidth, type VersionDto } from "#server/registry/contract.ts";
import { exampleInputs } from "../example-inputs.ts";

const SHOWN = 5;

async function goldenOf(db: Db, version: VersionDto): Promise<Golden | null> {
  if (!version.golden) return null;
  const { golden } = await db.modelVersion.findUniqueOrThrow({ where: { id: version.id }, select: { golden: true } });
  return golden === null ? null : Golden.parse(golden);
}

/** One entry per row: a value, or a list of them. */
function byRow<T>(values: readonly T[], rows: number): (T | T[] | undefined)[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    width === 1 ? values[row] : values.slice(row * width, (row + 1) * width),
  );
}

/** Golden rows in the form in which a training script logs them; null for a version without. */
export async function goldenFile(db: Db, version: VersionDto) {
  const golden = await goldenOf(db, version);
  if (!golden) return null;
  const { rows, framework, tolerance } = golden;
  const lists = (named: Readonly<Record<string, readonly unknown[]>>) =>
    Object.fromEntries(Object.entries(named).map(([name, values]) => [name, byRow(values, rows)]));
  return { framework, inputs: lists(golden.inputs), outputs: lists(golden.outputs), tolerance };
}

/** Rows to try the model with, as objects by input name: the first golden rows, else one of its data. */
export async function exampleRows(db: Db, projectId: string, version: VersionDto): Promise<Record<string, unknown>[]> {
  const inputs = version.signature?.inputs ?? [];
  const golden = await goldenOf(db, version);
  if (golden)
    return Array.from({ length: Math.min(SHOWN, golden.rows) }, (_, row) =>
      Object.fromEntries(inputs.map(({ name }) => [name, byRow(golden.inputs[name] ?? [], golden.rows)[row]])),
    );
  if (!version.signature) return [];
  const example = await exampleInputs(db, projectId, version.signature, version.dataset?.versionId ?? null);
  return [
    Object.fromEntries(
      example.map(({ name, shape, data }) => [name, rowWidth({ shape: [...shape] }) === 1 ? data[0] : data]),
    ),
  ];
}
