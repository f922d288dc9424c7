import { createHash } from "node:crypto";
import { defineUseCase } from "#server/identity/index.ts";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import type { Db } from "#server/platform/db.ts";
import { INFINITE } from "./contract.ts";
import { type ImportanceDto, ImportanceInput, type ImportanceResultDto, LEAST_RUNS } from "./importance-contract.ts";
import { computeImportance } from "./jobs.ts";

/** After this long an answer that did not come is asked for again. */
const AGAIN_MS = 60_000;

interface Learnt {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The runs of the project among these that have a finite value of the metric, with their parameters, by id. */
export async function runsToLearnFrom(
  db: Db,
  projectId: string,
  runIds: readonly string[],
  metric: string,
): Promise<Learnt[]> {
  const rows = await db.$queryRaw<{ id: string; params: Record<string, string> | null; value: number }[]>`
    select r.id, l.value, (select json_object_agg(p.key, p.value) from run_params p where p.run_id = r.id) as params
    from runs r join latest_metrics l on l.run_id = r.id and l.key = ${metric}
    where r.project_id = ${projectId}::uuid and r.id = any(${[...runIds]}::text[])
      and not l.is_nan and abs(l.value) < ${INFINITE} order by r.id`;
  return rows.map((row) => ({ ...row, params: row.params ?? {} }));
}

/**
 * Which parameters of these runs go with a metric. The first request queues the computation; the same question later gets the stored answer, until a run
 * says something else. Refused with a sentence when too few runs have the metric.
 */
export const requestImportance = defineUseCase({
  name: "tracking.request-importance",
  scope: "tracking:read",
  effect: "write",
  input: ImportanceInput,
  unaudited: "It computes from what is there and changes nothing that anybody logged.",
  async run({ input, project, db, enqueue }): Promise<ImportanceDto> {
    const runs = await runsToLearnFrom(db, project.id, input.runIds, input.metric);
    if (runs.length < LEAST_RUNS)
      return {
        status: "refused",
        reason: `${runs.length} of these runs have a finite ${input.metric}; with fewer than ${LEAST_RUNS} the importance of parameters would be chance. Compare more runs.`,
        result: null,
      };
    if (new Set(runs.map((run) => run.value)).size === 1)
      return { status: "refused", reason: `${input.metric} is the same in all of these runs.`, result: null };
    const digest = createHash("sha256")
      .update(canonicalJson({ version: 1, metric: input.metric, runs }))
      .digest("hex");
    const known = await db.runImportance.findUnique({ where: { projectId_digest: { projectId: project.id, digest } } });
    const answer: ImportanceDto | null =
      known === null
        ? null
        : known.status === "done"
          ? { status: "done", reason: null, result: known.result as unknown as ImportanceResultDto }
          : known.status === "failed"
            ? { status: "failed", reason: known.error, result: null }
            : { status: "queued", reason: null, result: null };
    // A failure is tried again after a while, and so is what a worker took and never finished; the queue drops what already waits.
    const asked = known?.finishedAt ?? known?.createdAt;
    if (answer && (answer.status === "done" || (asked && Date.now() - asked.getTime() < AGAIN_MS))) return answer;
    // Two pages may ask at the same moment.
    const [row] = await db.$queryRaw<{ id: string }[]>`
      insert into run_importances (id, project_id, digest, metric, run_ids)
      values (uuidv7(), ${project.id}::uuid, ${digest}, ${input.metric}, ${runs.map((run) => run.id)}::text[])
      on conflict (project_id, digest) do update set status = 'queued', error = null, created_at = now(), finished_at = null returning id`;
    if (row) await enqueue(computeImportance, { projectId: project.id, importanceId: row.id });
    return { status: "queued", reason: null, result: null };
  },
});
