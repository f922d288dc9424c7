import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Command, UsageError } from "../cli/command.ts";
import { generateClient } from "../launch/generate.ts";
import { joinRunningOrFail, ROOT } from "../launch/instance.ts";

/** Replays traffic; parses its own flags and returns the exit code. */
type DemoTraffic = (args: string[]) => Promise<number>;

export const demo: Command = {
  usage: `Usage: npm run demo:traffic [-- flags], or npm run -s touchstone -- demo traffic [flags]

Replays what later really happened through a sample's endpoint, with its outcomes, so that monitoring has something to see. Touchstone must be running.

  --project   the sample project (default: flight-delays)`,
  async run([what, ...args]) {
    const file = path.join(ROOT, "bin/commands/demo-traffic.ts");
    if (what !== "traffic" || !existsSync(file))
      throw new UsageError(what === undefined ? "'traffic' is missing." : `There is no 'demo ${what}'.`);
    process.env["LOG_LEVEL"] ??= "warn";
    joinRunningOrFail();
    generateClient();
    const { demoTraffic } = (await import(pathToFileURL(file).href)) as { demoTraffic: DemoTraffic };
    return await demoTraffic(args);
  },
};
