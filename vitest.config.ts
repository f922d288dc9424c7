import { existsSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { scrubEnvironment } from "./bin/clean-environment.ts";

// Pythons with the mlflow package, for the tests that speak with the real client; without them they are skipped. bin/check/python-packages.ts makes them.
const python = process.env["TOUCHSTONE_MLFLOW_PYTHON"];
const made = "node_modules/.cache/mlflow/clients.json";
const mlflowClients = (
  python
    ? [{ version: "named", python }]
    : existsSync(made)
      ? JSON.parse(readFileSync(made, "utf8"))
      : [{ version: "newest", python: "none" }]
) as { version: string; python: string }[];
scrubEnvironment();

/** Those that end a thread which others would share, look at the whole process, or are about processes. */
const ALONE = ["{bin,prisma}/**/*.test.ts", "worker/serving/lost-thread.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["server/platform/testing/cluster.ts"],
    env: { LOG_LEVEL: "silent" },
    provide: { mlflowClients },
    // The pool, the queue and the settings are one per process, so two files never run in one process at the same time.
    pool: "forks",
    maxWorkers: 2,
    // Two shared cores: a slow machine is no failure.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      // One after the other in the same process: to load the product anew for each file is a third of all the time. testDatabase() leaves nothing behind.
      {
        extends: true,
        test: {
          name: "shared",
          include: ["{server,worker,components}/**/*.test.{ts,tsx}"],
          exclude: ALONE,
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: ALONE } },
    ],
  },
});
