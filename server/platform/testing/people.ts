import { randomBytes } from "node:crypto";
import { setMember, systemActor, type Actor } from "#server/identity/index.ts";
import type { PlatformRole, ProjectRole } from "#server/identity/contract.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { createProject } from "#server/projects/index.ts";
import { prisma } from "../db.ts";

/** A person as the identity provider would have brought them, with a handle that is free. */
export async function createPerson(
  name: string,
  platformRoles: PlatformRole[],
): Promise<Actor & { userId: string; handle: string }> {
  const handle = `${name.toLowerCase()}-${randomBytes(3).toString("hex")}`;
  const user = await prisma().user.create({ data: { handle, name, email: `${handle}@example.org`, platformRoles } });
  return { kind: "person", userId: user.id, handle, name, platformRoles, requestId: uuidv7() };
}

/** An empty project with these members, made through the use cases. */
export async function createProjectOf(
  members: Readonly<Record<string, ProjectRole>>,
): Promise<{ id: string; slug: string }> {
  const platform = systemActor("test");
  const slug = `project-${randomBytes(4).toString("hex")}`;
  const project = await createProject(platform, { slug, name: `Project ${slug.slice(8)}` });
  for (const [handle, role] of Object.entries(members)) await setMember(platform, slug, { handle, role });
  return project;
}

/**
 * The people that most tests need: Alice (scientist), Bob (reviewer), Carol (viewer) and Dave (administrator, maintainer) in `project`; Eve
 * (scientist) alone in `other`, for the proof that neither sees the other's. Call it in a test or `beforeAll`, as often as you like.
 */
export async function somePeople() {
  const [alice, bob, carol, dave, eve] = await Promise.all([
    createPerson("Alice", ["scientist"]),
    createPerson("Bob", ["reviewer"]),
    createPerson("Carol", ["viewer"]),
    createPerson("Dave", ["administrator"]),
    createPerson("Eve", ["scientist"]),
  ]);
  const project = await createProjectOf({
    [alice.handle]: "scientist",
    [bob.handle]: "reviewer",
    [carol.handle]: "viewer",
    [dave.handle]: "maintainer",
  });
  const other = await createProjectOf({ [eve.handle]: "scientist" });
  return { alice, bob, carol, dave, eve, project, other };
}
