import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startCluster } from "#bin/launch/cluster.ts";
import { deploy } from "../deploy.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the cluster's `postgres` database, as superuser. */
    clusterUrl: string;
  }
}

/** Holds every migration; each test file clones it, which takes some 40 ms instead of a second. */
export const TEMPLATE = "template_app";

/** Vitest's global set-up: one Postgres per run, without fsync, in a folder that is gone afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-test-"));
  const cluster = await startCluster(dir, { fast: true });
  const url = cluster.url("postgres");
  const admin = new pg.Client({ connectionString: url });
  const teardown = async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await admin.connect();
    await admin.query(`create database ${TEMPLATE}`);
    await deploy(cluster.url(TEMPLATE));
    // A template with a connection cannot be cloned, so nobody may connect any more.
    await admin.query(`alter database ${TEMPLATE} with is_template true allow_connections false`);
    await admin.end();
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("clusterUrl", url);
  return teardown;
}
