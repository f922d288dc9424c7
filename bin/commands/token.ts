import { type Command, UsageError } from "../cli/command.ts";
import { parseFlags, required, wholeNumber } from "../cli/flags.ts";
import { generateClient } from "../launch/generate.ts";
import { withInstance } from "../launch/instance.ts";

const FLAGS = {
  user: { type: "string" },
  project: { type: "string" },
  scopes: { type: "string" },
  name: { type: "string" },
  days: { type: "string" },
} as const;

export const token: Command = {
  usage: `Usage: npm run -s touchstone -- token create --user <handle> [--project <project>] --scopes <scope>[,<scope>…]

Creates an API token and prints only the token. It can do what its scopes say, as far as the person may do it, in that one project; without a project,
in every project of the person (MLflow clients then name it: MLFLOW_TRACKING_URI=http://host/p/<project>).

  --user      the person's short name, as alice
  --project   the project's short name, as flight-delays; all of the person's without it
  --scopes    as serving:predict,serving:outcomes; a wrong one prints the list
  --name      what it is for, shown in the project's settings (default: command line)
  --days      how long it is valid, 1 to 365 (default: 90)`,
  async run([verb, ...args]) {
    if (verb !== "create")
      throw new UsageError(verb === undefined ? "'create' is missing." : `There is no 'token ${verb}'.`);
    const flags = parseFlags(args, FLAGS);
    const user = required(flags.user, "--user");
    const project = flags.project ?? null;
    const scopes = required(flags.scopes, "--scopes")
      .split(",")
      .map((scope) => scope.trim());
    const days = wholeNumber(flags.days ?? "90", "--days", 1, 365);
    process.env["LOG_LEVEL"] = "silent"; // standard output is for the token alone
    generateClient();
    const { SCOPES } = await import("#server/identity/contract.ts");
    const wrong = scopes.find((scope) => !Object.hasOwn(SCOPES, scope));
    if (wrong !== undefined)
      throw new UsageError(`'${wrong}' is not a scope. There are:\n  ${Object.keys(SCOPES).join("\n  ")}\n`);
    await withInstance(async () => {
      const { createTokenFor } = await import("#server/identity/index.ts");
      const { closeDatabase } = await import("#server/platform/db.ts");
      try {
        const name = flags.name ?? "command line";
        console.log(await createTokenFor({ userHandle: user, projectSlug: project, scopes, name, days }));
      } finally {
        await closeDatabase();
      }
    });
    return 0;
  },
};
