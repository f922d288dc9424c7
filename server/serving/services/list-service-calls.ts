import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { pool } from "#server/platform/db.ts";
import { ListServiceCallsInput, type ServiceCall } from "../contract.ts";
import { findService } from "./find-service.ts";

interface Row {
  readonly request_id: string;
  readonly received_at: Date;
  readonly publication: number;
  readonly status: number;
  readonly latency_us: number;
  readonly caller: string | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | null;
}

const OUTCOMES = { answered: "c.status < 400", refused: "c.status between 400 and 499", failed: "c.status >= 500" };

/** Calls of a service, newest first. Errors: not_found, invalid_input for a cursor that is none. */
export const listServiceCalls = defineUseCase({
  name: "serving.list-service-calls",
  scope: "serving:log",
  effect: "read",
  input: ListServiceCallsInput,
  async run({ input, project, db }): Promise<{ calls: ServiceCall[]; cursor: string | null }> {
    const { id } = await findService(db, project.id, input.name);
    const { outcome, requestId, limit } = input;
    const before = input.cursor === undefined ? null : readCursor(input.cursor);
    const { rows } = await pool().query<Row>(
      `select c.request_id, c.received_at, c.publication, c.status, c.latency_us, c.input, c.output, c.error, t.name as caller
       from serving_log.service_calls c left join api_tokens t on t.id = c.caller
       where c.service_id = $1 ${outcome ? `and ${OUTCOMES[outcome]}` : ""}
         and ($2::text is null or c.request_id = $2) and ($3::timestamptz is null or (c.received_at, c.request_id) < ($3, $4))
       order by c.received_at desc, c.request_id desc limit $5`,
      [id, requestId ?? null, before?.at ?? null, before?.requestId ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      calls: page.map((row) => ({
        requestId: row.request_id,
        receivedAt: row.received_at.toISOString(),
        publication: row.publication,
        status: row.status,
        latencyMs: row.latency_us / 1000,
        caller: row.caller,
        input: row.input,
        output: row.output,
        error: row.error,
      })),
      cursor: last ? `${last.received_at.toISOString()} ${last.request_id}` : null,
    };
  },
});

function readCursor(cursor: string): { at: string; requestId: string } {
  const [at = "", requestId = ""] = cursor.split(" ", 2);
  if (Number.isNaN(Date.parse(at)))
    throw new AppError("invalid_input", "The cursor is not one of this list.", { field: "cursor", value: cursor });
  return { at, requestId };
}
