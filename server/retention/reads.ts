import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { PurgeDto } from "./contract.ts";
import { purgeDto } from "./purge-dto.ts";

/** The purges of a project, newest first, and its rule: days after which deleted things are purged by themselves, null for never. */
export const listPurges = defineUseCase({
  name: "retention.list-purges",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  async run({ input, project, db }): Promise<{ purges: PurgeDto[]; deletedDays: number | null }> {
    const [rows, rule] = await Promise.all([
      db.purge.findMany({ where: { projectId: project.id }, orderBy: { createdAt: "desc" }, take: input.limit }),
      db.retentionRule.findUnique({ where: { projectId: project.id } }),
    ]);
    return { purges: rows.map(purgeDto), deletedDays: rule?.deletedDays ?? null };
  },
});
