import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { MarkRunsInput, type RunMarkDto } from "./contract.ts";

const MOST = 5000;

/** What the caller marked runs of the project with, up to 5,000 runs. */
export const listRunMarks = defineUseCase({
  name: "tracking.list-run-marks",
  scope: "tracking:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, db }): Promise<RunMarkDto[]> {
    if (actor.userId === null) return [];
    return await db.$queryRaw<RunMarkDto[]>`
      select k.run_id as "runId", e.number as experiment, r.lifecycle_stage <> 'active' as deleted, k.pinned, k.hidden, k.color::int as color
      from run_marks k join runs r on r.id = k.run_id join experiments e on e.id = r.experiment_id
      where k.user_id = ${actor.userId}::uuid and k.project_id = ${project.id}::uuid order by k.run_id limit ${MOST}`;
  },
});

/** Pins, hides or colours runs for the caller alone. Errors: not_found for a run that is not the project's, then none is marked. */
export const markRuns = defineUseCase({
  name: "tracking.mark-runs",
  scope: "tracking:read",
  effect: "write",
  input: MarkRunsInput,
  unaudited: "how a person looks at runs changes nothing of them",
  async run({ input, actor, project, db, publish }): Promise<{ marked: number }> {
    const { userId } = actor;
    if (userId === null) throw new AppError("forbidden", "Only a person marks runs.", { field: "runIds" });
    const ids = [...new Set(input.runIds)];
    const found = await db.run.count({ where: { projectId: project.id, id: { in: ids } } });
    if (found !== ids.length)
      throw new AppError("not_found", "One of these runs is not in this project.", { field: "runIds" });
    await db.$executeRaw`
      insert into run_marks as m (user_id, project_id, run_id, pinned, hidden, color)
      select ${userId}::uuid, ${project.id}::uuid, id, ${input.pinned ?? false}, ${input.hidden ?? false}, ${input.color ?? null}::smallint
      from unnest(${ids}::text[]) as t(id)
      on conflict (user_id, project_id, run_id) do update set
        pinned = coalesce(${input.pinned ?? null}::boolean, m.pinned),
        hidden = coalesce(${input.hidden ?? null}::boolean, m.hidden),
        color = case when ${input.color === undefined} then m.color else ${input.color ?? null}::smallint end`;
    await db.$executeRaw`
      delete from run_marks where user_id = ${userId}::uuid and project_id = ${project.id}::uuid
        and run_id = any(${ids}::text[]) and not pinned and not hidden and color is null`;
    await publish("run-marks", ids[0] ?? "", { userId });
    return { marked: ids.length };
  },
});
