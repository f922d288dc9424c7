import type { PurgePlanDto } from "#server/retention/contract.ts";
import { type Command, UsageError } from "../cli/command.ts";
import { parseFlags, required, wholeNumber } from "../cli/flags.ts";
import { generateClient } from "../launch/generate.ts";
import { withInstance } from "../launch/instance.ts";

const FLAGS = {
  project: { type: "string" },
  "older-than": { type: "string" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean" },
} as const;

/** Days of "30d"; "30" is refused, because one could mean hours. */
function days(value: string): number {
  const number = /^(\d+)d$/.exec(value)?.[1];
  if (number === undefined) throw new UsageError(`--older-than takes days as 30d, not '${value}'.`);
  return wholeNumber(number, "--older-than", 0, 3650);
}

const size = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${bytes.toLocaleString("en")} bytes`
    : `${(bytes / 1024 / 1024).toLocaleString("en", { maximumFractionDigits: 1 })} MiB`;

function describe(plan: PurgePlanDto): string {
  const rows: readonly (readonly [string, string])[] = [
    ["runs", plan.runs.toLocaleString("en")],
    ["experiments", plan.experiments.toLocaleString("en")],
    ["logged models", plan.models.toLocaleString("en")],
    ["metric points", plan.points.toLocaleString("en")],
    ["files", `${plan.files.toLocaleString("en")} (${size(plan.bytes)})`],
    ["frees", size(plan.freed)],
  ];
  const kept = plan.kept.map((one) => `  stays: ${one.kind} ${one.name} (${one.id}). ${one.why}`);
  return [...rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`), ...kept].join("\n");
}

export const purge: Command = {
  usage: `Usage: npm run -s touchstone -- purge --project <project> --older-than <days>d [--dry-run | --yes]

Removes for good what was deleted at least so many days ago: runs with their metrics and files, logged models, experiments. Content that others
refer to stays, and so do runs that a registered model version comes from. A worker does it step by step.

  --project      the project's short name, as flight-delays
  --older-than   as 30d; 0d means everything that is deleted now
  --dry-run      say what it would remove and free, and change nothing
  --yes          do it; what is purged cannot be restored`,
  async run(args) {
    const flags = parseFlags(args, FLAGS);
    const project = required(flags.project, "--project");
    const wanted = { olderThanDays: days(required(flags["older-than"], "--older-than")) };
    if (flags["dry-run"] === flags.yes)
      throw new UsageError("Say either --dry-run, to see what it frees, or --yes, to do it.");
    process.env["LOG_LEVEL"] = "silent";
    generateClient();
    await withInstance(async () => {
      const { systemActor } = await import("#server/identity/index.ts");
      const { planPurge, startPurge } = await import("#server/retention/index.ts");
      const { closeDatabase } = await import("#server/platform/db.ts");
      const { stopQueue } = await import("#server/platform/jobs.ts");
      const actor = systemActor("command line");
      try {
        console.log(describe(await planPurge(actor, project, { wanted })));
        if (flags.yes !== true) return;
        const { id } = await startPurge(actor, project, { wanted, confirm: "purge" });
        console.log(`Started as ${id}; a worker does it. Its state stands under Settings of the project.`);
      } finally {
        await stopQueue();
        await closeDatabase();
      }
    });
    return 0;
  },
};
