import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { type RunInfoDto, RunStatus, TAGS } from "./contract.ts";
import { truncate } from "./names.ts";
import { tidyRun } from "./record-batch.ts";
import { checkActiveRun, runById, runInfo } from "./run.ts";

const ENDED: readonly string[] = ["FINISHED", "FAILED", "KILLED"];
const VERBS: Readonly<Record<string, string>> = { FINISHED: "finished", FAILED: "failed", KILLED: "was killed" };

const update = defineUseCase({
  name: "tracking.update-run",
  scope: "tracking:write",
  effect: "write",
  unaudited:
    "a request that changes neither status nor name leaves nothing to tell; end, resumption and renaming are audited",
  input: z.object({
    runId: z.string(),
    status: RunStatus.optional(),
    /** Milliseconds since 1970. */
    endTime: z.number().int().min(0).optional(),
    name: z.string().optional(),
  }),
  async run({ input, actor, project, db, audit, publish }): Promise<RunInfoDto> {
    const before = await runById(db, project.id, input.runId);
    checkActiveRun(before);
    const { status, endTime, name } = input;
    await db.run.update({
      where: { id: before.id },
      data: {
        ...(status === undefined ? {} : { status }),
        ...(endTime === undefined ? {} : { endTime: BigInt(endTime) }),
        ...(name ? { name } : {}),
      },
    });
    const subject = { type: "run", id: before.id };
    if (name && name !== before.name) {
      const tag = { runId: before.id, key: TAGS.runName };
      const value = truncate(name, 8000);
      await db.runTag.upsert({ where: { runId_key: tag }, create: { ...tag, value }, update: { value } });
      await audit({
        action: "run.renamed",
        subject,
        summary: `${actor.name} renamed the run ${before.name} to ${name}`,
      });
    }
    if (status && status !== before.status) {
      const after = name || before.name;
      if (ENDED.includes(status))
        await audit({
          action: "run.ended",
          subject,
          summary: `The run ${after} ${VERBS[status] ?? "ended"}`,
          details: { status },
        });
      else
        await audit({
          action: "run.resumed",
          subject,
          summary: `${actor.name} resumed the run ${after}`,
          details: { status },
        });
    }
    await publish("runs", before.id);
    return runInfo(await runById(db, project.id, before.id));
  },
});

/** Changes the status, end time or name of a run. Errors: not_found; invalid_input for a deleted run. */
export const updateRun: typeof update = Object.assign(
  async (...call: Parameters<typeof update>) => {
    const run = await update(...call);
    // After the transaction: whoever waits for a second connection while holding one can wait for ever.
    if (ENDED.includes(run.status)) await tidyRun(run.id);
    return run;
  },
  { info: update.info },
);
