import { messageOf } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { localPath } from "#server/platform/objects.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { ColumnSchema, Expectation } from "./contract.ts";
import type { VersionRef } from "./jobs.ts";
import { profileTable } from "./profile-table.ts";
import { tableFormat, typesOf } from "./table-format.ts";
import { validateTable } from "./validate-table.ts";

/** The job: computes what the version's columns look like and which expectations hold, and stores both. Safe to repeat. */
export async function profileVersionJob({ projectId, versionId }: VersionRef, { log }: JobContext): Promise<void> {
  const db = prisma();
  const version = await db.datasetVersion.findFirst({
    where: { id: versionId, projectId },
    include: { dataset: true },
  });
  if (!version) return;
  const tell = (): Promise<void> => announceNow({ projectId, topic: "datasets", id: version.datasetId });
  await db.datasetVersion.update({ where: { id: versionId }, data: { profileState: "running", profileError: null } });
  await tell();
  try {
    await using table = await TableFile.open(
      await localPath(version.sha256),
      tableFormat(version.format),
      typesOf(ColumnSchema.array().parse(version.schema)),
    );
    const validation = await validateTable(table, Expectation.array().parse(version.dataset.expectations));
    const profile = await profileTable(table);
    await db.datasetVersion.update({ where: { id: versionId }, data: { profileState: "done", profile, validation } });
    log.info(
      { dataset: version.dataset.name, version: version.version, ms: profile.ms, passed: validation.passed },
      "dataset version profiled",
    );
  } catch (error) {
    await db.datasetVersion.update({
      where: { id: versionId },
      data: { profileState: "failed", profileError: messageOf(error) },
    });
    throw error;
  } finally {
    await tell();
  }
}
