import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { messageOf } from "#server/kernel/errors.ts";
import { z } from "zod";
import { prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { eraseContents, eraseExperiment, listDeletedExperiments } from "#server/tracking/index.ts";
import { type KeptDto, PurgeWanted } from "./contract.ts";
import type { PurgeRef } from "./jobs.ts";
import { setOrphansAside } from "./orphans.ts";
import { looseModels, meant, nextRuns } from "./wanted.ts";

/** Runs removed in one transaction: bounded, because a run may hold millions of points. */
const BATCH = 50;

const Batch = z.object({ purgeId: z.uuid(), runIds: z.array(z.string()), modelIds: z.array(z.string()) });

/** Removes one batch and counts it, in one transaction: what was removed is counted exactly once, whatever dies. */
const eraseBatch = defineUseCase({
  name: "retention.erase-batch",
  scope: "tracking:write",
  effect: "write",
  timeoutMs: 300_000,
  unaudited: "the purge that it is part of is audited when it starts and when it ends",
  input: Batch,
  async run({ input, project, db, publish }) {
    const erased = await eraseContents(db, project.id, input.runIds, input.modelIds);
    await db.$executeRaw`
      update orphan_objects set purge_id = ${input.purgeId}::uuid
      where sha256 = any(${[...erased.hashes]}::text[]) and purge_id is null and aside_at is null`;
    await db.purge.update({
      where: { id: input.purgeId },
      data: {
        runs: { increment: erased.runs },
        models: { increment: erased.models },
        points: { increment: BigInt(erased.points) },
        files: { increment: BigInt(erased.files) },
      },
    });
    await publish("runs", input.purgeId);
    return erased.hashes;
  },
});

const eraseEmptyExperiment = defineUseCase({
  name: "retention.erase-experiment",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the purge that it is part of is audited when it starts and when it ends",
  input: z.object({ purgeId: z.uuid(), id: z.uuid() }),
  async run({ input, project, db }) {
    const gone = await eraseExperiment(db, project.id, input.id);
    if (gone) await db.purge.update({ where: { id: input.purgeId }, data: { experiments: { increment: 1 } } });
    return gone;
  },
});

const endPurge = defineUseCase({
  name: "retention.end-purge",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ purgeId: z.uuid(), error: z.string().nullable() }),
  async run({ input, project, db, audit, publish }) {
    const row = await db.purge.update({
      where: { id: input.purgeId },
      data: { status: input.error === null ? "done" : "failed", error: input.error, finishedAt: new Date() },
    });
    await audit({
      action: input.error === null ? "purge.finished" : "purge.failed",
      subject: { type: "purge", id: row.id },
      summary: `The purge started by ${row.createdByName} removed ${row.runs} runs with ${row.points} metric points and ${row.files} files`,
      details: {
        project: project.slug,
        bytes: Number(row.bytes),
        models: row.models,
        experiments: row.experiments,
        error: input.error,
      },
    });
    await publish("runs", row.id);
  },
});

/** The purge from where it stands: what is gone already is not met again. */
async function purge(ref: PurgeRef, wantedInput: unknown, { signal }: Pick<JobContext, "signal">): Promise<void> {
  const db = prisma();
  const { projectId, purgeId } = ref;
  const actor = systemActor("worker", purgeId);
  const { createdAt } = await db.purge.findUniqueOrThrow({ where: { id: purgeId }, select: { createdAt: true } });
  // Days count from when the purge was asked for, or a repetition would take more than was confirmed.
  const wanted = meant(PurgeWanted.parse(wantedInput), createdAt);
  const kept: KeptDto[] = [];
  for (let after: string | undefined; ; ) {
    signal.throwIfAborted();
    const page = await nextRuns(db, projectId, wanted, { limit: BATCH, ...(after === undefined ? {} : { after }) });
    if (!page) break;
    kept.push(...page.kept);
    after = page.last;
    if (page.ids.length === 0) continue;
    await setOrphansAside(await eraseBatch(actor, projectId, { purgeId, runIds: page.ids, modelIds: [] }));
  }
  const models = await looseModels(db, projectId, wanted);
  kept.push(...models.kept);
  for (let i = 0; i < models.ids.length; i += BATCH) {
    signal.throwIfAborted();
    const modelIds = models.ids.slice(i, i + BATCH);
    await setOrphansAside(await eraseBatch(actor, projectId, { purgeId, runIds: [], modelIds }));
  }
  for (const { id, number, name } of await listDeletedExperiments(db, projectId, wanted))
    if (!(await eraseEmptyExperiment(actor, projectId, { purgeId, id })))
      kept.push({ kind: "experiment", id: String(number), name, why: "Something in it stays." });
  await db.purge.update({ where: { id: purgeId }, data: { kept: kept.slice(0, 200).map((one) => ({ ...one })) } });
}

export async function runPurgeJob(ref: PurgeRef, context: Pick<JobContext, "signal" | "log">): Promise<void> {
  const db = prisma();
  const row = await db.purge.findUnique({ where: { id: ref.purgeId } });
  if (!row || row.status === "done" || row.status === "failed") return;
  await db.purge.update({ where: { id: row.id }, data: { status: "running", startedAt: row.startedAt ?? new Date() } });
  await announceNow({ projectId: ref.projectId, topic: "runs", id: row.id });
  const actor = systemActor("worker", row.id);
  try {
    await purge(ref, row.wanted, context);
  } catch (error) {
    // A worker that stops leaves the purge to the next one; the queue brings it again.
    if (!context.signal.aborted) await endPurge(actor, ref.projectId, { purgeId: row.id, error: messageOf(error) });
    throw error;
  }
  await endPurge(actor, ref.projectId, { purgeId: row.id, error: null });
}
