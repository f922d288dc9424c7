import { countPlaywright, countVitest, freshReport } from "./reports.ts";
import type { Step } from "./run-step.ts";

/** Writes what the checks read and Git does not hold. */
export const prepare: Step = { name: "generate", args: ["bin/check/prepare.ts"], minutes: 2 };

/** What is drawn in a browser, linted by itself: half of the longest check, so that two cores share it. */
const SCREENS = ["app", "components", "e2e"];

function lint(name: string, paths: readonly string[], cached: boolean): Step {
  // A cached answer is wrong when another file's types changed; so the whole check never trusts one.
  const cache = cached
    ? [
        "--cache",
        "--cache-strategy",
        "content",
        "--cache-location",
        `node_modules/.cache/eslint/${name.replace(" ", "-")}`,
      ]
    : [];
  return { name, args: ["node_modules/eslint/bin/eslint.js", ...paths, "--max-warnings", "0", ...cache], minutes: 10 };
}

/** Read the tree and start nothing that lasts. Longest first, so that two at a time end together. */
export function staticChecks(cached: boolean): Step[] {
  return [
    lint("lint server", [".", ...SCREENS.flatMap((folder) => ["--ignore-pattern", `${folder}/**`])], cached),
    lint("lint screens", SCREENS, cached),
    { name: "types", args: ["node_modules/ts7/bin/tsc", "--noEmit", "--project", "."], minutes: 3 },
    { name: "dead code", args: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"], minutes: 3 },
    {
      name: "rooms",
      args: ["node_modules/dependency-cruiser/bin/dependency-cruiser.mjs", ".", "--config", "dependency-cruiser.cjs"],
      minutes: 3,
    },
    {
      name: "format",
      args: ["node_modules/@biomejs/biome/bin/biome", "format", "--reporter=summary"],
      minutes: 2,
    },
    { name: "lock file", args: ["bin/complete-lock.mjs", "--check"], minutes: 1 },
    { name: "migrations", args: ["bin/migration.ts", "check"], minutes: 2 },
  ];
}

/** A Python for the tests that speak with the real mlflow client; without it they are skipped. */
export const pythonPackages: Step = { name: "python", args: ["bin/check/python-packages.ts"], minutes: 8 };

/** Unit and database tests. */
export function unitTests(): Step {
  const report = freshReport("vitest");
  return {
    name: "vitest",
    args: [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--allowOnly=false",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    minutes: 8,
    live: true,
    count: () => countVitest(report),
  };
}

/** The app as it will be served; nothing to do when its sources have not changed. */
export const build: Step = { name: "build", args: ["bin/check/build-app.ts"], minutes: 10 };

/** Journeys in a real browser; with `python` also those that need PyPI. Where the report goes is said in playwright.config.ts. */
export function journeys(python: boolean): Step {
  const report = freshReport("playwright");
  const projects = python ? [] : ["loop", "pages", "journeys", "alone"].map((name) => `--project=${name}`);
  return {
    name: "playwright",
    args: ["node_modules/@playwright/test/cli.js", "test", "--forbid-only", ...projects],
    minutes: python ? 18 : 12,
    live: true,
    count: () => countPlaywright(report),
  };
}
