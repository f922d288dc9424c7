import { deploy } from "#server/platform/deploy.ts";
import type { Command } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { withInstance } from "../launch/instance.ts";

export const migrate: Command = {
  usage: `Usage: npm run -s touchstone -- migrate

Applies the migrations that the database lacks: the one DATABASE_URL names, else that of the running Touchstone, else the embedded one of
DATA_DIR, which is started for it.`,
  async run(args) {
    parseFlags(args, {});
    await withInstance(async ({ databaseUrl }) => {
      const applied = await deploy(databaseUrl);
      console.log(applied.length === 0 ? "The database is up to date." : `Applied:\n  ${applied.join("\n  ")}`);
    });
    return 0;
  },
};
