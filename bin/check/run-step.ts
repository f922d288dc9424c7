import { spawn } from "node:child_process";
import { cleanEnvironment } from "../clean-environment.ts";

/** The exit code by which a step says that it had nothing to stand on and checked nothing; its reason is shown. */
export const SKIPPED = 77;

export interface Step {
  readonly name: string;
  /** Node's arguments: a script below node_modules or bin, and its own. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Minutes after which it counts as hung. */
  readonly minutes: number;
  /** Shows what it writes as it writes it; otherwise only what a failed step wrote is shown. */
  readonly live?: boolean;
  /** How many tests the step stands for, read after it ended. Left out: the step itself is one check. */
  readonly count?: () => Counts | null;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Outcome extends Counts {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
}

/** Runs one step to its end. Never rejects: a step that cannot start or hangs has failed. */
export async function runStep(step: Step): Promise<Outcome> {
  const began = performance.now();
  const chunks: Buffer[] = [];
  const code = await new Promise<number>((resolve) => {
    const child = spawn(process.execPath, step.args, {
      stdio: step.live ? "inherit" : ["ignore", "pipe", "pipe"],
      env: { ...cleanEnvironment(), ...step.env } as NodeJS.ProcessEnv,
    });
    const limit = setTimeout(() => {
      chunks.push(Buffer.from(`\n${step.name} was stopped: it took more than ${step.minutes} minutes.\n`));
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 20_000).unref();
    }, step.minutes * 60_000);
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => {
      chunks.push(Buffer.from(String(error)));
      clearTimeout(limit);
      resolve(1);
    });
    child.once("close", (exit) => {
      clearTimeout(limit);
      resolve(exit ?? 1);
    });
  });
  const ok = code === 0 || code === SKIPPED;
  const output = Buffer.concat(chunks).toString().trimEnd();
  if (code !== 0 && output !== "")
    console.log(`\n── ${step.name} ${"─".repeat(Math.max(0, 70 - step.name.length))}\n${output}\n`);
  return { name: step.name, ok, seconds: (performance.now() - began) / 1000, ...countsOf(step, code) };
}

/** A step that failed counts at least one failure, even if its report knows of none: a broken set-up, a leak, a hang. */
function countsOf(step: Step, code: number): Counts {
  const none = { passed: 0, failed: 0, skipped: 0 };
  if (code === SKIPPED) return { ...none, skipped: 1 };
  const counts = step.count ? (step.count() ?? none) : { ...none, passed: code === 0 ? 1 : 0 };
  return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** Runs all of them, `at` a time, whether or not one fails, and says of each how it went. */
export async function runAll(steps: readonly Step[], at: number): Promise<Outcome[]> {
  const waiting = [...steps];
  const outcomes: Outcome[] = [];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const outcome = await runStep(step);
      console.log(lineOf(outcome));
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: at }, lane));
  return outcomes;
}

/** "✓ types        1.2 s". */
export function lineOf({ name, ok, seconds, passed, failed, skipped }: Outcome): string {
  const many = passed + failed + skipped > 1;
  const parts = [
    ...(many ? [`${passed} passed`, `${failed} failed`] : []),
    ...(skipped > 0 ? [many ? `${skipped} skipped` : "skipped"] : []),
  ];
  return `${ok ? "✓" : "✗"} ${name.padEnd(14)}${seconds.toFixed(1).padStart(7)} s  ${parts.join(", ")}`.trimEnd();
}
