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

export default defineConfig({
  test: {
    include: ["{server,worker,components,bin,prisma}/**/*.test.{ts,tsx}"],
    globalSetup: ["server/platform/testing/cluster.ts"],
    env: { LOG_LEVEL: "silent" },
    provide: { mlflowClients },
    // Each file is a process of its own: the pool, the queue and the settings are one per process.
    pool: "forks",
    maxWorkers: 2,
    // Two shared cores: a slow machine is no failure.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
