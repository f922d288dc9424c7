import type { Command } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { launch } from "../launch/launcher.ts";

export const start: Command = {
  usage: `Usage: npm start [-- flags]

Starts Touchstone on this machine and runs until Ctrl-C: Postgres (unless DATABASE_URL names one), migrations, an identity provider for
development (unless OIDC_ISSUER names one), the app, a worker, and serving.

  --dev       for work on Touchstone itself: no build, changes show at once
  --verbose   show every line of the started processes, not only warnings and errors

Ports, folders and everything else are environment variables: see docs/configuration.md.`,
  async run(args) {
    const flags = parseFlags(args, { dev: { type: "boolean" }, verbose: { type: "boolean" } });
    return await launch({ dev: flags.dev === true, verbose: flags.verbose === true });
  },
};
