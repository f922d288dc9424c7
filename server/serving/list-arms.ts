import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { armDtos } from "./arm-dto.ts";
import type { ArmDto } from "./arms-contract.ts";
import { findEndpoint } from "./find-endpoint.ts";

/** The arms of an endpoint: those that run, then those that ended, the latest first. Errors: not_found. */
export const listArms = defineUseCase({
  name: "serving.list-arms",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<ArmDto[]> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const rows = await db.endpointArm.findMany({
      where: { endpointId: endpoint.id },
      orderBy: [{ endedAt: { sort: "desc", nulls: "first" } }, { startedAt: "desc" }],
      take: 200,
    });
    return await armDtos(db, rows);
  },
});
