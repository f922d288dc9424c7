import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { ListScoringsInput, type ScoringDto, ScoringResult, ScoringSpec } from "../contract.ts";
import { type BulkRow, progressOf } from "./progress.ts";

export function scoringDto(row: BulkRow): ScoringDto {
  const { modelVersionId: _, datasetVersionId: __, ...spec } = ScoringSpec.parse(row.spec);
  return { ...progressOf(row), ...spec, result: row.result === null ? null : ScoringResult.parse(row.result) };
}

/** Batch scorings, newest first; of one model or one dataset where named. `next` is `before` of the following page, null on the last. */
export const listScorings = defineUseCase({
  name: "serving.list-scorings",
  scope: "data:read",
  effect: "read",
  input: ListScoringsInput,
  async run({ input, project, db }): Promise<{ scorings: ScoringDto[]; next: number | null }> {
    const rows = await db.bulkWork.findMany({
      where: {
        projectId: project.id,
        kind: "scoring",
        ...(input.before === undefined ? {} : { number: { lt: input.before } }),
        AND: [
          ...(input.model === undefined ? [] : [{ spec: { path: ["model"], equals: input.model } }]),
          ...(input.dataset === undefined
            ? []
            : [
                {
                  OR: [
                    { spec: { path: ["dataset"], equals: input.dataset } },
                    { spec: { path: ["into"], equals: input.dataset } },
                  ],
                },
              ]),
        ],
      },
      orderBy: { number: "desc" },
      take: input.limit + 1,
    });
    const shown = rows.slice(0, input.limit);
    return { scorings: shown.map(scoringDto), next: rows.length > input.limit ? (shown.at(-1)?.number ?? null) : null };
  },
});

/** One batch scoring with how far it is. Errors: not_found. */
export const getScoring = defineUseCase({
  name: "serving.get-scoring",
  scope: "data:read",
  effect: "read",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, project, db }): Promise<ScoringDto> {
    const row = await db.bulkWork.findUnique({
      where: { projectId_kind_number: { projectId: project.id, kind: "scoring", number: input.number } },
    });
    if (!row)
      throw new AppError("not_found", `There is no batch scoring ${input.number} in this project.`, {
        field: "number",
        value: input.number,
      });
    return scoringDto(row);
  },
});
