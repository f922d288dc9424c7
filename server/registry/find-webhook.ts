import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/** A webhook of the project that was not deleted. Errors: not_found. */
export async function findWebhook(db: Db, projectId: string, id: string) {
  const found = z.uuid().safeParse(id).success
    ? await db.webhook.findFirst({ where: { id, projectId, deletedAt: null } })
    : null;
  if (!found) throw new AppError("not_found", `Webhook with ID ${id} not found.`, { field: "webhook_id", value: id });
  return found;
}
