import { type Command, UsageError } from "../cli/command.ts";
import { generateClient } from "../launch/generate.ts";
import { joinRunningOrFail } from "../launch/instance.ts";

export const demo: Command = {
  usage: `Usage: npm run demo:traffic [-- flags], or npm run -s touchstone -- demo traffic [flags]

Replays what later really happened through a sample's endpoint, with its outcomes, so that monitoring has something to see. Touchstone must be running.

What an earlier replay sent is left out: a run that was broken off goes on, and a second one changes nothing.

  --project   the sample project: flight-delays (default) or penguins
  --from      first day, as 2013-10-01 (default: all of the traffic)
  --to        the day before which it ends
  --rate      most rows a second (default: as fast as it goes)
  --batch     rows in one request, 1 to 2000 (default: 100)
  --user      whose token it uses (default: alice)`,
  async run([what, ...args]) {
    if (what !== "traffic")
      throw new UsageError(what === undefined ? "'traffic' is missing." : `There is no 'demo ${what}'.`);
    process.env["LOG_LEVEL"] ??= "warn";
    joinRunningOrFail();
    generateClient();
    const { demoTraffic } = await import("./demo-traffic.ts");
    return await demoTraffic(args);
  },
};
