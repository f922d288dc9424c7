import { defineConfig } from "vitest/config";
import { scrubEnvironment } from "./bin/clean-environment.ts";

scrubEnvironment();

export default defineConfig({
  test: {
    include: ["{server,worker,components,bin,prisma}/**/*.test.{ts,tsx}"],
    globalSetup: ["server/platform/testing/cluster.ts"],
    env: { LOG_LEVEL: "silent" },
    // Each file is a process of its own: the pool, the queue and the settings are one per process.
    pool: "forks",
    maxWorkers: 2,
    // Two shared cores: a slow machine is no failure.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
