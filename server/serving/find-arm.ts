import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { findEndpoint } from "./find-endpoint.ts";

interface Named {
  readonly name: string;
  readonly id: string;
}

/** As findArm, with the endpoint locked for the transaction: two changes at once come one after the other. */
export async function lockArm(db: Db, projectId: string, input: Named) {
  await db.$queryRaw`select id from endpoints where project_id = ${projectId}::uuid and name = ${input.name} for update`;
  return await findArm(db, projectId, input);
}

/** An arm of an endpoint of the project. Errors: not_found, also for another project's or endpoint's. */
export async function findArm(db: Db, projectId: string, input: Named) {
  const endpoint = await findEndpoint(db, projectId, input.name);
  const arm = await db.endpointArm.findFirst({ where: { id: input.id, endpointId: endpoint.id } });
  if (!arm)
    throw new AppError("not_found", `The endpoint '${input.name}' has no such arm.`, {
      field: "id",
      value: input.id,
      remedy: "Choose one from the endpoint's page.",
    });
  return { endpoint, arm };
}

/** A rollout alone changes its arms: its steps were approved. Errors: conflict while the arm's request is being rolled out. */
export async function demandNoRollout(
  db: Db,
  arm: { readonly id: string; readonly requestId: string | null },
): Promise<void> {
  if (arm.requestId === null) return;
  const request = await db.promotionRequest.findFirst({
    where: { id: arm.requestId, status: "rolling_out" },
    select: { number: true },
  });
  if (request)
    throw new AppError(
      "conflict",
      `Request ${request.number} rolls this version out by the steps that were approved.`,
      {
        field: "id",
        value: arm.id,
        remedy: `Pause or revert the rollout on the page of request ${request.number}.`,
      },
    );
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
