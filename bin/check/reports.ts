import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Counts } from "./run-step.ts";

const DIR = path.resolve("node_modules/.cache/check");

const Vitest = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});
/** Playwright calls a test "unexpected" when it failed and "flaky" when only a retry passed. */
const Playwright = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
});

function read<S extends z.ZodType>(file: string, schema: S): z.infer<S> | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null; // it ended before it could write one
  }
}

/** Where a tool is told to write its JSON report. An older one is removed, so that it is never counted again. */
export function freshReport(name: "vitest" | "playwright"): string {
  const file = path.join(DIR, `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

export function countVitest(file: string): Counts | null {
  const report = read(file, Vitest);
  return (
    report && {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    }
  );
}

export function countPlaywright(file: string): Counts | null {
  const report = read(file, Playwright);
  return (
    report && {
      passed: report.stats.expected,
      failed: report.stats.unexpected + report.stats.flaky + report.errors.length,
      skipped: report.stats.skipped,
    }
  );
}
