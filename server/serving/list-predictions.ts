import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { armOfCode, ListPredictionsInput, type PredictionSummary } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";

/** A logged prediction with its outcome, as Postgres gives it. */
export interface LoggedRow {
  readonly prediction_id: string;
  readonly version_id: string;
  readonly request_id: string;
  readonly event_time: Date;
  readonly received_at: Date;
  readonly arm: number;
  readonly entity_key: string | null;
  /** Null where the endpoint's rules kept a value out. */
  readonly numbers: readonly (number | null)[];
  readonly categories: readonly (string | null)[];
  readonly label: string | null;
  readonly probabilities: readonly number[] | null;
  readonly value: number | null;
  readonly latency_us: number;
  readonly told: boolean;
  readonly outcome_label: string | null;
  readonly outcome_value: number | null;
  readonly observed_at: Date | null;
  readonly corrections: number | null;
}

/** What every read of logged predictions selects. */
export const LOGGED = Prisma.sql`
  select p.prediction_id, p.version_id::text, p.request_id, p.event_time, p.received_at, p.arm, p.entity_key, p.numbers, p.categories, p.label,
         p.probabilities, p.value, p.latency_us, o.prediction_id is not null as told, o.label as outcome_label,
         o.value as outcome_value, o.observed_at, o.corrections
  from serving_log.predictions p
  left join serving_log.outcomes o on o.endpoint_id = p.endpoint_id and o.prediction_id = p.prediction_id`;

const OUTCOMES = {
  known: Prisma.sql`o.prediction_id is not null`,
  unknown: Prisma.sql`o.prediction_id is null`,
  right: Prisma.sql`o.label = p.label`,
  wrong: Prisma.sql`o.label <> p.label`,
};

/** Logged predictions of an endpoint, the newest events first. `next` is the cursor of the following page, null on the last. */
export const listPredictions = defineUseCase({
  name: "serving.list-predictions",
  scope: "serving:log",
  effect: "read",
  input: ListPredictionsInput,
  async run({ input, project, db }): Promise<{ predictions: PredictionSummary[]; next: string | null }> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const conditions = [Prisma.sql`p.endpoint_id = ${endpoint.id}::uuid`];
    if (input.label !== undefined) conditions.push(Prisma.sql`p.label = ${input.label}`);
    if (input.from !== undefined) conditions.push(Prisma.sql`p.event_time >= ${new Date(input.from)}`);
    if (input.to !== undefined) conditions.push(Prisma.sql`p.event_time < ${new Date(input.to)}`);
    if (input.outcome !== undefined) conditions.push(OUTCOMES[input.outcome]);
    if (input.version !== undefined) {
      const version = await db.modelVersion.findFirst({
        where: { projectId: project.id, modelId: endpoint.modelId, version: input.version },
        select: { id: true },
      });
      if (!version) return { predictions: [], next: null };
      conditions.push(Prisma.sql`p.version_id = ${version.id}::uuid`);
    }
    if (input.cursor !== undefined) conditions.push(after(input.cursor));
    const rows = await db.$queryRaw<LoggedRow[]>`${LOGGED}
      where ${Prisma.join(conditions, " and ")}
      order by p.event_time desc, p.received_at desc, p.prediction_id desc limit ${input.limit + 1}`;
    const shown = rows.slice(0, input.limit);
    const versions = await versionsOf(db, project.id, shown);
    const last = shown.at(-1);
    return {
      predictions: shown.map((row) => summaryOf(row, versions.get(row.version_id))),
      next: rows.length > input.limit && last ? cursorOf(last) : null,
    };
  },
});

function cursorOf(row: LoggedRow): string {
  const place = [row.event_time.toISOString(), row.received_at.toISOString(), row.prediction_id];
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function after(cursor: string): Prisma.Sql {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    const [event = "", received = "", id = ""] = Array.isArray(place) ? place.map(String) : [];
    return Prisma.sql`(p.event_time, p.received_at, p.prediction_id) < (${new Date(new Date(event).toISOString())}, ${new Date(new Date(received).toISOString())}, ${id})`;
  } catch {
    throw new AppError("invalid_input", "This is no cursor of a list of predictions.", {
      field: "cursor",
      value: cursor,
      remedy: "Start at the first page.",
    });
  }
}

export interface KnownVersion {
  readonly version: number;
  readonly signature: ModelSignature | null;
}

/** The versions that answered these predictions, by id. */
export async function versionsOf(
  db: Db,
  projectId: string,
  rows: readonly LoggedRow[],
): Promise<Map<string, KnownVersion>> {
  const found = await db.modelVersion.findMany({
    where: { projectId, id: { in: [...new Set(rows.map((row) => row.version_id))] } },
    select: { id: true, version: true, signature: true },
  });
  return new Map(
    found.map(({ id, version, signature }) => [
      id,
      { version, signature: signature === null ? null : ModelSignature.parse(signature) },
    ]),
  );
}

/** What a list shows of a prediction. */
export function summaryOf(row: LoggedRow, known: KnownVersion | undefined): PredictionSummary {
  const at = row.label === null ? -1 : (known?.signature?.classes?.indexOf(row.label) ?? -1);
  return {
    id: row.prediction_id,
    version: known?.version ?? 0,
    eventTime: row.event_time.toISOString(),
    receivedAt: row.received_at.toISOString(),
    label: row.label,
    value: row.value,
    probability: row.probabilities?.[at] ?? null,
    arm: armOfCode(row.arm),
    entityKey: row.entity_key,
    latencyMs: row.latency_us / 1000,
    outcome:
      row.told && row.observed_at
        ? {
            label: row.outcome_label,
            value: row.outcome_value,
            observedAt: row.observed_at.toISOString(),
            corrections: row.corrections ?? 0,
          }
        : null,
  };
}
