import { defineConfig } from "vitest/config";
import { scrubEnvironment } from "./bin/clean-environment.ts";

// A Python with the mlflow package, for the tests that speak with the real client; without it they are skipped.
const mlflowPython = process.env["TOUCHSTONE_MLFLOW_PYTHON"] ?? "node_modules/.cache/mlflow/bin/python3";
scrubEnvironment();

export default defineConfig({
  test: {
    include: ["{server,worker,components,bin,prisma}/**/*.test.{ts,tsx}"],
    globalSetup: ["server/platform/testing/cluster.ts"],
    env: { LOG_LEVEL: "silent" },
    provide: { mlflowPython },
    // Each file is a process of its own: the pool, the queue and the settings are one per process.
    pool: "forks",
    maxWorkers: 2,
    // Two shared cores: a slow machine is no failure.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
