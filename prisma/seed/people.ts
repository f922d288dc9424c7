import { prisma } from "#server/platform/db.ts";
import type { PlatformRole } from "#server/identity/contract.ts";

interface DemoPerson {
  readonly handle: string;
  readonly name: string;
  readonly role: PlatformRole;
}

/** The people of the development identity provider, whose subjects are their handles. */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { handle: "alice", name: "Alice Martin", role: "scientist" },
  { handle: "bob", name: "Bob Keller", role: "reviewer" },
  { handle: "carol", name: "Carol Osei", role: "viewer" },
  { handle: "dave", name: "Dave Lind", role: "administrator" },
];

/** The issuer's name under which the embedded provider's subjects are stored, whatever its port. */
const EMBEDDED_ISSUER = "touchstone:development";

/**
 * Makes the demo people known before their first sign-in, so that they can be members of the samples and hold tokens. Only the embedded provider can sign
 * them in.
 */
export async function seedPeople(): Promise<void> {
  for (const { handle, name, role } of DEMO_PEOPLE) {
    const key = { issuer_subject: { issuer: EMBEDDED_ISSUER, subject: handle } };
    if (await prisma().account.findUnique({ where: key })) continue;
    await prisma().user.create({
      data: {
        handle,
        name,
        email: `${handle}@example.com`,
        platformRoles: [role],
        accounts: { create: { issuer: EMBEDDED_ISSUER, subject: handle } },
      },
    });
  }
}
