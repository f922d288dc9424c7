import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { findEndpoint } from "./find-endpoint.ts";

/** An arm of an endpoint of the project, locked for the transaction. Errors: not_found, also for another project's or endpoint's. */
export async function findArm(db: Db, projectId: string, input: { readonly name: string; readonly id: string }) {
  const endpoint = await findEndpoint(db, projectId, input.name);
  await db.$queryRaw`select id from endpoints where id = ${endpoint.id}::uuid for update`;
  const arm = await db.endpointArm.findFirst({ where: { id: input.id, endpointId: endpoint.id } });
  if (!arm)
    throw new AppError("not_found", `The endpoint '${input.name}' has no such arm.`, {
      field: "id",
      value: input.id,
      remedy: "Choose one from the endpoint's page.",
    });
  return { endpoint, arm };
}

/** Errors: conflict for an arm that has ended. */
export function demandActive(arm: {
  readonly id: string;
  readonly version: number;
  readonly endedAt: Date | null;
}): void {
  if (arm.endedAt === null) return;
  throw new AppError(
    "conflict",
    `Version ${arm.version} takes part no longer: it was ended at ${arm.endedAt.toISOString()}.`,
    {
      field: "id",
      value: arm.id,
      remedy: "Start it again.",
    },
  );
}
