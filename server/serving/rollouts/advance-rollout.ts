import type { WriteContext } from "#server/governance/index.ts";
import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import type { GuardReading, RolloutReading } from "../rollout-contract.ts";
import { placeArms } from "./arms.ts";
import { readFigures, readQuality, since, type Sides } from "./counts.ts";
import { complete, doneStep, lockActive, revert, supersede } from "./end-rollout.ts";
import { judgeGuards, p95Of, type QualityFigures } from "./guards.ts";
import { findRollout, ranMs, type RolloutRow } from "./rollout-row.ts";
import type { ArmFigures } from "../rollout-contract.ts";

const MINUTE_MS = 60_000;
/** A challenger that a serving process cannot run is given this long: its file may be on its way. */
const CANNOT_RUN_MS = 30_000;

/**
 * One look at a rollout, in one transaction: judges the guards on what was counted since the last look, and then reverts, goes on to the next step, completes, or waits.
 * While it is paused the guards go on protecting. Several workers may look at once; each transition happens once.
 */
export const advanceRollout = defineUseCase({
  name: "serving.advance-rollout",
  scope: "serving:write",
  effect: "write",
  unaudited: "a look that changes nothing leaves no event; every step, revert and completion does",
  input: z.object({ id: z.uuid() }),
  async run({ input, actor, project, db, audit, publish, emit }): Promise<{ did: string }> {
    const id = await lockActive(db, input);
    if (id === null) return { did: "nothing" };
    const context: WriteContext = { db, project, actor, audit, publish, emit };
    const rollout = await findRollout(db, id);
    const request = await db.promotionRequest.findUnique({
      where: { id: rollout.requestId },
      select: { status: true },
    });
    if (request?.status !== "rolling_out") {
      await supersede(context, rollout, `the request is ${request?.status ?? "gone"}`);
      return { did: "superseded" };
    }
    const step = rollout.policy.steps[rollout.step];
    if (!step) throw new Error(`unreachable: rollout ${id} has no step ${rollout.step}`);
    for (const endpoint of await placeArms(db, rollout, step.share, actor.name)) await publish("endpoints", endpoint);
    const figures = await readFigures(db, rollout);
    const quality = rollout.policy.guards.quality ? await readQuality(db, rollout) : null;
    const reading = await look(db, rollout, figures, quality);
    const breach = reading.guards.find((guard) => guard.state === "breached");
    if (breach) {
      await revert(context, { ...rollout, reading }, breach.sentence);
      return { did: "reverted" };
    }
    if (rollout.state === "running" && isDone(rollout, reading)) {
      if (rollout.step + 1 >= rollout.policy.steps.length) {
        await keepHistory(db, rollout, figures.challenger);
        return { did: await complete(context, rollout, "every step ended with its guards holding") };
      }
      await nextStep(context, rollout, figures);
      return { did: "stepped" };
    }
    return { did: "waited" };
  },
});

/** Judges what is new and keeps the reading. Nothing new is not judged again: it would only spend alpha. */
async function look(
  db: Db,
  rollout: RolloutRow,
  figures: Sides<ArmFigures>,
  quality: Sides<QualityFigures> | null,
): Promise<RolloutReading> {
  const { champion } = figures;
  const challenger = since(figures.challenger, rollout.baseline.challenger);
  const before = rollout.reading;
  const mark = JSON.stringify([rollout.step, challenger.requests, champion.requests, quality?.challenger.known ?? 0]);
  const isNew = before?.mark !== mark;
  const looks = rollout.looks + (isNew ? 1 : 0);
  const judged = isNew
    ? judgeGuards(rollout.policy.guards, { champion, challenger, quality }, looks)
    : before.guards.filter((guard) => guard.guard !== "runs");
  const beside = Math.max(0, champion.routed - rollout.baseline.championRouted);
  const reading: RolloutReading = {
    at: new Date().toISOString(),
    champion: { requests: champion.requests, errors: champion.errors, p95Ms: p95Of(champion) },
    challenger: { requests: challenger.requests, errors: challenger.errors, p95Ms: p95Of(challenger) },
    observedShare: challenger.routed + beside > 0 ? challenger.routed / (challenger.routed + beside) : null,
    guards: [...(await judgeRunning(db, rollout)), ...judged],
    mark,
  };
  await db.rollout.update({ where: { id: rollout.id }, data: { reading, looks } });
  return reading;
}

/** Whether the serving processes can run the challenger at all; said only when one cannot. */
async function judgeRunning(db: Db, rollout: RolloutRow): Promise<GuardReading[]> {
  const arm = await db.endpointArm.findFirst({
    where: { requestId: rollout.requestId, kind: "canary", endedAt: null, problem: { not: null } },
    include: { endpoint: { select: { name: true } } },
  });
  if (!arm) return [];
  const long = Date.now() - Math.max(arm.startedAt.getTime(), rollout.stepSince.getTime()) > CANNOT_RUN_MS;
  return [
    {
      guard: "runs",
      state: long ? "breached" : "waiting",
      sentence: `${arm.endpoint.name} cannot run the challenger: ${arm.problem ?? ""}`,
      p: null,
      threshold: null,
    },
  ];
}

/** A step ends when it has lasted and the challenger was really asked: missing data is never a success. */
function isDone(rollout: RolloutRow, reading: RolloutReading): boolean {
  const step = rollout.policy.steps[rollout.step];
  return (
    step !== undefined &&
    ranMs(rollout, Date.now()) >= step.minutes * MINUTE_MS &&
    reading.challenger.requests >= rollout.policy.guards.min_requests &&
    !reading.guards.some((guard) => guard.guard === "runs")
  );
}

async function keepHistory(db: Db, rollout: RolloutRow, challenger: ArmFigures): Promise<void> {
  await db.rollout.update({
    where: { id: rollout.id },
    data: { history: [...rollout.history, doneStep(rollout, challenger)] },
  });
}

async function nextStep(context: WriteContext, rollout: RolloutRow, figures: Sides<ArmFigures>): Promise<void> {
  const { db, actor, audit, publish } = context;
  const step = rollout.step + 1;
  const share = rollout.policy.steps[step]?.share ?? 1;
  const now = new Date();
  await keepHistory(db, rollout, figures.challenger);
  await db.rollout.update({
    where: { id: rollout.id },
    data: {
      step,
      stepSince: now,
      waitedMs: 0,
      runningSince: now,
      baseline: { championRouted: figures.champion.routed, challenger: figures.challenger },
    },
  });
  const endpoints = await placeArms(db, rollout, share, actor.name);
  await audit({
    action: "rollout.stepped",
    subject: { type: "promotion-request", id: rollout.requestId },
    summary: `The rollout of version ${rollout.version} (request ${rollout.requestNumber}) went on to step ${step + 1} of ${rollout.policy.steps.length}: ${share * 100}% of the requests`,
    details: { step, share, before: rollout.policy.steps[rollout.step]?.share ?? null },
  });
  for (const id of endpoints) await publish("endpoints", id);
  await publish("reviews", rollout.requestId);
}

/** Looks at one rollout as the platform. */
export async function advance(rollout: { readonly id: string; readonly projectId: string }): Promise<{ did: string }> {
  return await advanceRollout(systemActor("Touchstone"), rollout.projectId, { id: rollout.id });
}
