import type { Actor } from "#server/identity/index.ts";
import type { Db, Prisma } from "#server/platform/db.ts";
import type { PinnedDataset, RunTrigger } from "./contract.ts";
import { planRun } from "./plan.ts";
import type { PipelineSpec, Scalar } from "./spec.ts";

export interface NewRun {
  readonly projectId: string;
  readonly path: string;
  readonly commit: string;
  readonly branch: string;
  readonly spec: PipelineSpec;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly datasets: Readonly<Record<string, PinnedDataset>>;
  readonly trigger: RunTrigger;
  readonly actor: Actor;
  readonly rerunOf?: string;
  /** Results to take over instead of running, by "step name matrix key". */
  readonly reuse?: ReadonlyMap<string, ReusedStep>;
}

export interface ReusedStep {
  readonly runId: string;
  readonly outputs: Prisma.InputJsonValue;
  readonly gate: Prisma.InputJsonValue | null;
  readonly result: Prisma.InputJsonValue | null;
}

export const stepKey = (name: string, matrixKey: string): string => `${name} ${matrixKey}`;

/** JSON columns take plain objects; the spec's readonly types are one. */
const json = (value: unknown): Prisma.InputJsonValue => value as Prisma.InputJsonValue;

async function nextNumber(db: Db, projectId: string): Promise<number> {
  // Two starts at once must not draw the same number; a lock per project keeps others waiting only for each other.
  await db.$queryRaw`select pg_advisory_xact_lock(hashtextextended('pipeline-run ' || ${projectId}, 0))::text`;
  const { _max } = await db.pipelineRun.aggregate({ where: { projectId }, _max: { number: true } });
  return (_max.number ?? 0) + 1;
}

/**
 * Writes a run with its steps and edges, in the caller's transaction. Without an environment the first steps are ready at once; with one they wait until
 * a worker has built it.
 */
export async function insertRun(db: Db, run: NewRun): Promise<{ id: string; number: number }> {
  const { spec, reuse } = run;
  const plan = planRun(spec);
  const reused = (step: (typeof plan.steps)[number]) => reuse?.get(stepKey(step.spec.id, step.cell.key));
  const waitsFor = new Map<string, number>();
  const done = new Set(plan.steps.filter((step) => reused(step)).map((step) => step.id));
  for (const edge of plan.edges)
    if (!done.has(edge.parentId)) waitsFor.set(edge.childId, (waitsFor.get(edge.childId) ?? 0) + 1);

  const number = await nextNumber(db, run.projectId);
  const now = new Date();
  const { id } = await db.pipelineRun.create({
    data: {
      projectId: run.projectId,
      number,
      pipeline: spec.name,
      path: run.path,
      commit: run.commit,
      branch: run.branch,
      spec: json(spec),
      params: json(run.params),
      trigger: json(run.trigger),
      datasets: json(run.datasets),
      rerunOf: run.rerunOf ?? null,
      createdBy: run.actor.userId,
      createdByName: run.actor.name,
    },
    select: { id: true },
  });
  await db.step.createMany({
    data: plan.steps.map((step): Prisma.StepCreateManyInput => {
      const common = {
        id: step.id,
        runId: id,
        projectId: run.projectId,
        name: step.spec.id,
        matrixKey: step.cell.key,
        matrix: json(step.cell.values),
        position: step.position,
        spec: json(step.spec),
      };
      const taken = reused(step);
      if (taken)
        return {
          ...common,
          status: "succeeded",
          outputs: taken.outputs,
          ...(taken.gate === null ? {} : { gate: taken.gate }),
          ...(taken.result === null ? {} : { result: taken.result }),
          reusedFrom: taken.runId,
          finishedAt: now,
        };
      const pendingDeps = waitsFor.get(step.id) ?? 0;
      const ready = pendingDeps === 0 && spec.env === null;
      return { ...common, pendingDeps, status: ready ? "ready" : "pending", readyAt: ready ? now : null };
    }),
  });
  // One statement whatever the number of edges: two arrays instead of two parameters per edge.
  const parents = plan.edges.map((edge) => edge.parentId);
  const children = plan.edges.map((edge) => edge.childId);
  if (parents.length > 0)
    await db.$executeRaw`insert into step_edges (parent_id, child_id) select * from unnest(${parents}::uuid[], ${children}::uuid[])`;
  return { id, number };
}
