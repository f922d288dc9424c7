import type { UnsignedApproval } from "#server/governance/contract.ts";
import { type Command, UsageError } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { generateClient } from "../launch/generate.ts";
import { withInstance } from "../launch/instance.ts";

const FLAGS = { "dry-run": { type: "boolean" }, yes: { type: "boolean" } } as const;

function line({ project, request, version, approvedBy, at, refused }: UnsignedApproval): string {
  const what = `  ${project} request ${request}, version ${version}: ${approvedBy}, ${at.slice(0, 16).replace("T", " ")} UTC`;
  return refused === null ? what : `${what}\n    cannot be signed: ${refused}`;
}

export const approvals: Command = {
  usage: `Usage: npm run -s touchstone -- approvals sign [--dry-run | --yes]

Signs the approvals that were given before approvals were signed, once after such an upgrade: until then their versions are not served. An approval is
signed if it met the rules of then and the audit trail tells of it; each signature is an audit event. Read the list first: whoever could edit the
database before the upgrade could have written into it.

  --dry-run   say which would be signed and which not, and why, and change nothing
  --yes       sign them with the key in APPROVAL_KEY_FILE`,
  async run([verb, ...args]) {
    if (verb !== "sign")
      throw new UsageError(verb === undefined ? "'sign' is missing." : `There is no 'approvals ${verb}'.`);
    const flags = parseFlags(args, FLAGS);
    if (flags["dry-run"] === flags.yes)
      throw new UsageError("Say either --dry-run, to see the list, or --yes, to sign.");
    process.env["LOG_LEVEL"] = "silent";
    generateClient();
    await withInstance(async () => {
      const { systemActor } = await import("#server/identity/index.ts");
      const { listUnsignedApprovals, signApprovals } = await import("#server/governance/index.ts");
      const { closeDatabase } = await import("#server/platform/db.ts");
      const actor = systemActor("command line");
      try {
        const all = flags.yes ? await signApprovals(actor, {}) : await listUnsignedApprovals(actor, {});
        const good = all.filter(({ refused }) => refused === null);
        const bad = all.filter(({ refused }) => refused !== null);
        if (all.length === 0) console.log("Every approval is signed.");
        if (good.length > 0) console.log([flags.yes ? "Signed:" : "Can be signed:", ...good.map(line)].join("\n"));
        if (bad.length > 0) console.log(["Not signed:", ...bad.map(line)].join("\n"));
      } finally {
        await closeDatabase();
      }
    });
    return 0;
  },
};
