import { AppError } from "#server/kernel/errors.ts";
import type { Db, Prisma } from "#server/platform/db.ts";
import type { ExperimentDto, KeyValue, ViewType } from "./contract.ts";

export interface ExperimentRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly lifecycleStage: string;
  readonly tags: Prisma.JsonValue;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The pairs of a JSON object, in the order of their keys. */
export function pairsOf(json: Prisma.JsonValue): KeyValue[] {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return [];
  return Object.entries(json)
    .map(([key, value]) => ({ key, value: typeof value === "string" ? value : JSON.stringify(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The JSON object of pairs; of a repeated key the last one counts. */
export function objectOf(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

export function experimentDto(row: ExperimentRow): ExperimentDto {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    lifecycleStage: row.lifecycleStage === "deleted" ? "deleted" : "active",
    tags: pairsOf(row.tags),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}

/** The lifecycle stages that a view shows. */
export function stagesOf(view: ViewType): string[] {
  return view === "ALL" ? ["active", "deleted"] : view === "DELETED_ONLY" ? ["deleted"] : ["active"];
}

/** An experiment by the number that clients know. Errors: not_found. */
export async function experimentByNumber(
  db: Db,
  projectId: string,
  number: number,
  view: ViewType = "ALL",
): Promise<ExperimentRow> {
  // Beyond int4 there is nothing, and Postgres would refuse the comparison itself.
  const found =
    number > 2_147_483_647
      ? null
      : await db.experiment.findFirst({ where: { projectId, number, lifecycleStage: { in: stagesOf(view) } } });
  if (found) return found;
  throw new AppError("not_found", `No Experiment with id=${number} exists`, {
    field: "experiment_id",
    value: number,
    remedy: "Experiments are counted per project; list them, or use a token of the other project.",
  });
}

/** Refuses to change an experiment that was deleted. */
export function checkActiveExperiment(row: { readonly number: number; readonly lifecycleStage: string }): void {
  if (row.lifecycleStage !== "active")
    throw new AppError(
      "invalid_input",
      `The experiment ${row.number} must be in the 'active' state. Current state is ${row.lifecycleStage}.`,
      { field: "experiment_id", value: row.number, remedy: "Restore the experiment first." },
    );
}
