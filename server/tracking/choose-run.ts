import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { type Candidate, rankCandidates } from "./rank-candidates.ts";
import { runFilter } from "./run-filter.ts";
import {
  type CandidateDto,
  ChooseRunInput,
  ListSelectionsInput,
  type SelectionDto,
  SelectionRule,
} from "./selections-contract.ts";

/** More candidates than this make a record that nobody reads, and a list that nobody checks. */
const MOST_CANDIDATES = 5000;

type Input = z.infer<typeof ChooseRunInput>;

/** The filter with the place of a mistake under the name of the field that holds it. */
function filterOf(text: string, field: string): Prisma.Sql {
  try {
    return runFilter(text);
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_input")
      throw new AppError("invalid_input", error.message, { ...error.place, field });
    throw error;
  }
}

async function candidatesOf(db: Db, projectId: string, input: Input): Promise<Candidate[]> {
  const { runs, experiment } = input;
  if (runs === undefined && experiment === undefined)
    throw new AppError("invalid_input", "Nothing says which runs are candidates.", {
      field: "experiment",
      remedy: "Name an experiment, or the runs.",
    });
  const names = [input.metric, ...input.tieBreak.map((tie) => tie.metric)];
  const meets = filterOf(input.constraints, "constraints");
  const among =
    runs === undefined
      ? Prisma.sql`e.number = ${experiment ?? 0} and ${filterOf(input.filter, "filter")}`
      : Prisma.sql`r.id = any(${runs}::text[])`;
  const rows = await db.$queryRaw<
    { id: string; name: string; startTime: number; meets: boolean; metrics: Record<string, number | null> | null }[]
  >`
    select r.id, r.name, r.start_time::float8 as "startTime", (${meets}) as meets,
      (select json_object_agg(key, case when is_nan then null else value end) from latest_metrics
        where run_id = r.id and key = any(${names}::text[])) as metrics
    from runs r join experiments e on e.id = r.experiment_id
    where r.project_id = ${projectId}::uuid and r.lifecycle_stage = 'active' and ${among}
    order by r.start_time, r.id limit ${MOST_CANDIDATES + 1}`;
  if (rows.length > MOST_CANDIDATES)
    throw new AppError("invalid_input", `There are more than ${MOST_CANDIDATES} candidates.`, {
      field: "filter",
      value: input.filter,
      remedy: "Narrow them with a filter.",
    });
  const missing = runs?.find((id) => !rows.some((row) => row.id === id));
  if (missing !== undefined)
    throw new AppError("not_found", `Run with id=${missing} not found`, {
      field: "runs",
      value: missing,
      remedy: "Deleted runs and runs of other projects cannot be chosen.",
    });
  return rows.map(({ id, metrics, ...row }) => ({ ...row, runId: id, metrics: metrics ?? {} }));
}

/**
 * Chooses a run by a rule, and records rule, candidates with their values, and result. A choice that found none is recorded too. Errors: invalid_input
 * with the place in a filter, or when there are too many candidates; not_found for a named run.
 */
export const chooseRun = defineUseCase({
  name: "tracking.choose-run",
  scope: "tracking:write",
  effect: "write",
  unaudited: "a preview changes nothing; a choice is audited",
  input: ChooseRunInput,
  async run({ input, actor, project, db, audit, publish }): Promise<SelectionDto> {
    const rule = SelectionRule.parse(input);
    const found = rankCandidates(await candidatesOf(db, project.id, input), rule);
    const named = input.runs !== undefined;
    const common = {
      ...found,
      rule,
      experiment: input.experiment ?? null,
      filter: named ? null : input.filter,
      createdBy: actor.name,
    };
    if (input.preview) return { ...common, id: null, createdAt: Date.now() };
    const row = await db.runSelection.create({
      data: {
        projectId: project.id,
        experiment: input.experiment ?? null,
        rule: { ...rule, tieBreak: rule.tieBreak.map((tie) => ({ ...tie })), filter: common.filter },
        candidates: found.candidates.map((one) => ({ ...one, ties: [...one.ties] })),
        total: found.total,
        eligible: found.eligible,
        chosenRunId: found.chosen?.runId ?? null,
        chosenRunName: found.chosen?.name ?? null,
        value: found.chosen?.value ?? null,
        notes: [...found.notes],
        createdBy: actor.userId,
        createdByName: actor.name,
      },
    });
    await audit({
      action: "run.chosen",
      subject: { type: found.chosen ? "run" : "selection", id: found.chosen?.runId ?? row.id },
      summary: found.chosen
        ? `${actor.name} chose the run ${found.chosen.name} of ${found.total} by ${rule.direction === "maximize" ? "the greatest" : "the least"} ${rule.metric}: ${found.chosen.value}`
        : `${actor.name} looked for the best ${rule.metric} among ${found.total} runs, and none met the rule`,
      details: {
        selection: row.id,
        rule: { ...rule, tieBreak: rule.tieBreak.map((tie) => ({ ...tie })) },
        total: found.total,
        eligible: found.eligible,
      },
    });
    await publish("runs", found.chosen?.runId ?? row.id);
    return { ...common, id: row.id, createdAt: row.createdAt.getTime() };
  },
});

function selectionDto(row: Prisma.RunSelectionGetPayload<object>): SelectionDto {
  const stored = row.rule as { filter?: string | null };
  return {
    id: row.id,
    experiment: row.experiment,
    rule: SelectionRule.parse(row.rule),
    filter: stored.filter ?? null,
    total: row.total,
    eligible: row.eligible,
    chosen:
      row.chosenRunId === null || row.value === null
        ? null
        : { runId: row.chosenRunId, name: row.chosenRunName ?? "", value: row.value },
    // Only chooseRun writes this column, from this very type.
    candidates: row.candidates as unknown as CandidateDto[],
    notes: z.array(z.string()).parse(row.notes),
    createdBy: row.createdByName,
    createdAt: row.createdAt.getTime(),
  };
}

/** The choices made in an experiment, or of a run, newest first. */
export const listSelections = defineUseCase({
  name: "tracking.list-selections",
  scope: "tracking:read",
  effect: "read",
  input: ListSelectionsInput,
  async run({ input, project, db }): Promise<SelectionDto[]> {
    const rows = await db.runSelection.findMany({
      where: {
        projectId: project.id,
        ...(input.experiment === undefined ? {} : { experiment: input.experiment }),
        ...(input.run === undefined ? {} : { chosenRunId: input.run }),
      },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: input.limit,
    });
    return rows.map(selectionDto);
  },
});

/** One choice with all its candidates. Errors: not_found. */
export const getSelection = defineUseCase({
  name: "tracking.get-selection",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ selection: z.string() }),
  async run({ input, project, db }): Promise<SelectionDto> {
    const row = z.uuid().safeParse(input.selection).success
      ? await db.runSelection.findFirst({ where: { id: input.selection, projectId: project.id } })
      : null;
    if (row) return selectionDto(row);
    throw new AppError("not_found", "There is no such choice in this project.", {
      field: "selection",
      value: input.selection,
    });
  },
});
