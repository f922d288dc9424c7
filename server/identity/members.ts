import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { containing } from "#server/platform/containing.ts";
import { effectiveRole, type MemberDto, type PersonDto, ProjectRole } from "./contract.ts";
import { definePlatformUseCase, defineUseCase } from "./use-case.ts";

/** The members of a project, by name. */
export const listMembers = defineUseCase({
  name: "identity.list-members",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ project, db }): Promise<MemberDto[]> {
    const rows = await db.membership.findMany({
      where: { projectId: project.id },
      include: { user: true },
      orderBy: { user: { name: "asc" } },
    });
    return rows.map(({ user, role, createdAt }) => ({
      userId: user.id,
      handle: user.handle,
      name: user.name,
      email: user.email,
      role: ProjectRole.parse(role),
      effectiveRole: effectiveRole(role, user.platformRoles),
      since: createdAt.toISOString(),
    }));
  },
});

/** Gives a person a role in the project, or changes the one they have. */
export const setMember = defineUseCase({
  name: "identity.set-member",
  scope: "members:write",
  effect: "write",
  input: z.object({ handle: z.string().min(1), role: ProjectRole }),
  async run({ input, actor, project, db, audit, publish }) {
    const user = await db.user.findUnique({ where: { handle: input.handle } });
    if (!user)
      throw new AppError("not_found", `No person is called '${input.handle}'.`, {
        field: "handle",
        value: input.handle,
        remedy: "A person appears here after signing in once.",
      });
    const key = { projectId_userId: { projectId: project.id, userId: user.id } };
    const before = await db.membership.findUnique({ where: key });
    await db.membership.upsert({
      where: key,
      create: { projectId: project.id, userId: user.id, role: input.role },
      update: { role: input.role },
    });
    await audit({
      action: before ? "member.role_changed" : "member.added",
      subject: { type: "user", id: user.id },
      summary: before
        ? `${actor.name} changed ${user.name} from ${before.role} to ${input.role}`
        : `${actor.name} added ${user.name} as ${input.role}`,
      details: { before: before?.role ?? null, after: input.role },
    });
    await publish("projects", project.id);
    return { userId: user.id, effectiveRole: effectiveRole(input.role, user.platformRoles) };
  },
});

/** Takes a person out of the project. What they made stays. */
export const removeMember = defineUseCase({
  name: "identity.remove-member",
  scope: "members:write",
  effect: "write",
  input: z.object({ handle: z.string().min(1) }),
  async run({ input, actor, project, db, audit, publish }) {
    const row = await db.membership.findFirst({
      where: { projectId: project.id, user: { handle: input.handle } },
      include: { user: true },
    });
    if (!row)
      throw new AppError("not_found", `'${input.handle}' is not a member of this project.`, {
        field: "handle",
        value: input.handle,
      });
    await db.membership.delete({ where: { projectId_userId: { projectId: project.id, userId: row.userId } } });
    await audit({
      action: "member.removed",
      subject: { type: "user", id: row.userId },
      summary: `${actor.name} removed ${row.user.name} (${row.role})`,
    });
    await publish("projects", project.id);
    return { userId: row.userId };
  },
});

/** People who can be added to a project: everyone who has signed in. */
export const searchPeople = defineUseCase({
  name: "identity.search-people",
  scope: "members:write",
  effect: "read",
  input: z.object({ query: z.string().default("") }),
  async run({ input, db }): Promise<PersonDto[]> {
    const contains = containing(input.query);
    const rows = await db.user.findMany({
      where: { OR: [{ name: contains }, { handle: contains }, { email: contains }] },
      orderBy: { name: "asc" },
      take: 50,
    });
    return rows.map(person);
  },
});

/** Everyone the platform knows, for administrators. */
export const listPeople = definePlatformUseCase({
  name: "identity.list-people",
  scope: "platform:administer",
  effect: "read",
  input: z.object({}),
  async run({ db }): Promise<PersonDto[]> {
    return (await db.user.findMany({ orderBy: { name: "asc" } })).map(person);
  },
});

function person(row: {
  id: string;
  handle: string;
  name: string;
  email: string;
  platformRoles: string[];
  lastSeenAt: Date | null;
}): PersonDto {
  const { id, handle, name, email, platformRoles, lastSeenAt } = row;
  return { id, handle, name, email, platformRoles, lastSeenAt: lastSeenAt?.toISOString() ?? null };
}
