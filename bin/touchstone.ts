import { isAppError, messageOf } from "#server/kernel/errors.ts";
import { type Command, UsageError } from "./cli/command.ts";

/** The commands, each loaded only when called: `token create` should not wait for the launcher's modules. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  start: {
    summary: "start Touchstone on this machine: database, sign-in, app, workers, serving",
    load: async () => (await import("./commands/start.ts")).start,
  },
  doctor: {
    summary: "check this machine and the configuration, and say what is missing",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  migrate: {
    summary: "bring the database to this version",
    load: async () => (await import("./commands/migrate.ts")).migrate,
  },
  worker: {
    summary: "run one more worker, for some roles",
    load: async () => (await import("./commands/worker.ts")).worker,
  },
  token: {
    summary: "create an API token for a person",
    load: async () => (await import("./commands/token.ts")).token,
  },
  approvals: {
    summary: "sign approvals that were given before approvals were signed",
    load: async () => (await import("./commands/approvals.ts")).approvals,
  },
  purge: {
    summary: "remove deleted runs of a project for good, or say what that frees",
    load: async () => (await import("./commands/purge.ts")).purge,
  },
  demo: {
    summary: "replay the traffic of a sample project",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
};

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`);
  return `Usage: npm run -s touchstone -- <command> [flags]

${lines.join("\n")}

<command> --help explains its flags. Settings come from environment variables: see docs/configuration.md.`;
}

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 the line itself is wrong. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    console.error(`There is no command '${name}'.\n\n${overview()}`);
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(command.usage);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} See npm run -s touchstone -- ${name} --help`);
      return 2;
    }
    const remedy = isAppError(error) ? error.place.remedy : undefined;
    console.error(remedy === undefined ? messageOf(error) : `${messageOf(error)} ${remedy}`);
    return 1;
  }
}
