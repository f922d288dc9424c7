import { env } from "#server/platform/env.ts";
import type { Command } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { bold, dim, green, red, yellow } from "../cli/terminal.ts";
import type { Finding } from "../doctor/finding.ts";
import {
  checkArtefacts,
  checkConfiguration,
  checkDatabase,
  checkIssuer,
  checkPorts,
  checkProcesses,
} from "../doctor/instance.ts";
import { checkMachine } from "../doctor/machine.ts";
import { joinRunning } from "../launch/instance.ts";
import { findRunning } from "../launch/run-file.ts";

const SIGN = { good: green("✓"), warn: yellow("!"), bad: red("✗") };

function print(title: string, findings: readonly Finding[]): void {
  console.log(`\n  ${bold(title)}`);
  for (const { level, name, detail, remedy } of findings) {
    console.log(`  ${SIGN[level]} ${name.padEnd(11)} ${detail}`);
    if (remedy !== undefined) console.log(`  ${" ".repeat(13)} ${dim(remedy)}`);
  }
}

export const doctor: Command = {
  usage: `Usage: npm run -s touchstone -- doctor

Checks the programs, packages, ports, disk, configuration and database, and of a running Touchstone its processes. Says for each thing that is
missing what to do. Exit code 0 when nothing is in the way, 1 otherwise.`,
  async run(args) {
    parseFlags(args, {});
    const given = env();
    const running = findRunning(given.dataDir);
    const all: Finding[] = [];
    const section = (title: string, findings: Finding[]) => {
      all.push(...findings);
      print(title, findings);
    };
    section("Machine", checkMachine(given));
    section("Configuration", [...checkConfiguration(given), ...(await checkPorts(given, running))]);
    joinRunning();
    const joined = env();
    const issuer = running === null ? await checkIssuer(joined) : [];
    section("State", [...(await checkDatabase(joined)), ...checkArtefacts(), ...issuer]);
    if (running !== null) section(`Running: ${running.appUrl}, process ${running.pid}`, await checkProcesses(joined));

    const count = (level: Finding["level"]) => all.filter((finding) => finding.level === level).length;
    const [bads, warns] = [count("bad"), count("warn")];
    console.log(
      bads > 0
        ? `\n  ${red(`${bads} in the way`)}${warns > 0 ? `, ${warns} to know` : ""}.`
        : `\n  ${green("Nothing is in the way.")}`,
    );
    return bads > 0 ? 1 : 0;
  },
};
