import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { vi } from "vitest";
import { startCluster } from "#bin/launch/cluster.ts";
import { closeDatabase } from "../db.ts";
import { deploy } from "../deploy.ts";
import { resetEnv } from "../env.ts";
import { closeChanges } from "../events.ts";
import { stopQueue } from "../jobs.ts";

/** A Postgres with every migration for one test file alone, so that it can be taken away and brought back. DATABASE_URL names it. */
export async function ownCluster(): Promise<{
  readonly stop: () => Promise<void>;
  /** Brings it back, on the same port and with its data. */
  readonly start: () => Promise<void>;
  /** Closes what the file opened on it, and removes it. */
  readonly remove: () => Promise<void>;
}> {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-own-"));
  let cluster = await startCluster(dir, { fast: true });
  const { port } = cluster;
  vi.stubEnv("DATABASE_URL", cluster.url("postgres"));
  resetEnv();
  await deploy(cluster.url("postgres"));
  return {
    stop: () => cluster.stop(),
    start: async () => {
      cluster = await startCluster(dir, { fast: true, port });
    },
    remove: async () => {
      await stopQueue();
      await closeChanges();
      await closeDatabase();
      await cluster.stop();
      rmSync(dir, { recursive: true, force: true });
      vi.unstubAllEnvs();
      resetEnv();
    },
  };
}
