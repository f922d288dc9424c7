import { z } from "zod";
import { definePlatformUseCase, listPeople } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import manifest from "../../package.json" with { type: "json" };
import type { ControlPlane, ProjectLine } from "./contract.ts";
import { environmentLines, queueLines, workerLines } from "./machines.ts";
import { settingsSummary } from "./settings-summary.ts";

/** People, workers, queues, environments, projects, settings without secrets, and versions, for administrators. */
export const getControlPlane = definePlatformUseCase({
  name: "overview.get-control-plane",
  scope: "platform:administer",
  effect: "read",
  input: z.object({}),
  async run({ actor, db }): Promise<ControlPlane> {
    const [people, workers, queues, environments, projects, versions] = await Promise.all([
      listPeople(actor, {}),
      workerLines(db),
      queueLines(),
      environmentLines(db),
      projectLines(db),
      versionsOf(db),
    ]);
    return { people, workers, queues, environments, projects, settings: settingsSummary(env()), versions };
  },
});

async function projectLines(db: Db): Promise<ProjectLine[]> {
  const rows = await db.project.findMany({
    where: { archivedAt: null },
    include: { _count: { select: { memberships: true, endpoints: true } } },
    orderBy: { name: "asc" },
  });
  return rows.map((row) => ({
    slug: row.slug,
    name: row.name,
    members: row._count.memberships,
    endpoints: row._count.endpoints,
    createdAt: row.createdAt.toISOString(),
  }));
}

async function versionsOf(db: Db): Promise<ControlPlane["versions"]> {
  const [postgres] = await db.$queryRaw<{ server_version: string }[]>`show server_version`;
  return [
    { name: "Touchstone", value: manifest.version },
    { name: "Node", value: process.versions.node },
    { name: "Postgres", value: postgres?.server_version ?? "unknown" },
  ];
}
