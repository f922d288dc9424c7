import path from "node:path";
import { lineOf, type Outcome, runAll, runStep } from "./check/run-step.ts";
import { build, journeys, prepare, pythonPackages, staticChecks, unitTests } from "./check/steps.ts";

const USAGE = `npm test                   everything but what needs packages of PyPI
npm test -- --all          everything
npm run check              static checks, unit and database tests: no build, no browser
npm run check -- --static  static checks only`;

/**
 * Runs the checks in phases: what reads the tree, what needs a database, what needs a build and a browser. All of a phase runs even if a part of it
 * fails, and a failure ends it before the next, slower phase.
 */
async function check(flags: ReadonlySet<string>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failed = () => outcomes.some((outcome) => !outcome.ok);
  const add = async (...steps: Parameters<typeof runStep>) => {
    const outcome = await runStep(...steps);
    console.log(lineOf(outcome));
    outcomes.push(outcome);
  };

  await add(prepare);
  outcomes.push(...(await runAll(staticChecks(flags.has("--fast") || flags.has("--static")), 2)));
  if (failed() || flags.has("--static")) return outcomes;
  if (flags.has("--all")) await add(pythonPackages);
  await add(unitTests());
  if (failed() || flags.has("--fast")) return outcomes;
  await add(build);
  if (failed()) return outcomes;
  await add(journeys(flags.has("--all")));
  return outcomes;
}

const flags = new Set(process.argv.slice(2));
const unknown = [...flags].filter((flag) => !["--all", "--fast", "--static"].includes(flag));
process.chdir(path.join(import.meta.dirname, ".."));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  const began = performance.now();
  const outcomes = await check(flags);
  const sum = (key: "passed" | "failed" | "skipped") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(
    `\n${outcomes.map(lineOf).join("\n")}\n  ${"all".padEnd(14)}${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s`,
  );
  if (sum("failed") > 0) process.exitCode = 1;
  const skipped = sum("skipped");
  // Alone on the last line: whoever runs this reads the result from it.
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}
