import { AppError } from "#server/kernel/errors.ts";
import { isUuid } from "#server/kernel/ids.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import type { Actor } from "./actor.ts";
import { Recent } from "./recent.ts";
import {
  effectiveRole,
  PLATFORM_SCOPES,
  type PlatformScope,
  type ProjectRole,
  ROLE_SCOPES,
  type Scope,
} from "./contract.ts";

export interface ProjectRef {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

export interface Authorised {
  readonly project: ProjectRef;
  readonly role: ProjectRole | "system";
  readonly scopes: readonly Scope[];
}

const recentAccess = new Recent<Authorised>("access");

const unknownProject = (ref: string) =>
  new AppError("not_found", `There is no project '${ref}', or you are not a member of it.`, {
    field: "project",
    value: ref,
    remedy: "Choose a project from Home, or ask a maintainer to add you.",
  });

/** The scopes that `actor` holds in a project: the role's, narrowed by the token's. */
export async function accessTo(db: Db, actor: Actor, ref: string): Promise<Authorised> {
  const bySlugOrId = isUuid(ref) ? Prisma.sql`p.id = ${ref}::uuid` : Prisma.sql`p.slug = ${ref}`;
  // Every request asks this: one statement takes half the time of Prisma's two.
  const [found] = await db.$queryRaw<(ProjectRef & { memberRole: string | null })[]>`
    select p.id, p.slug, p.name, m.role as "memberRole" from projects p
    left join memberships m on m.project_id = p.id and m.user_id = ${actor.userId}::uuid where ${bySlugOrId}`;
  if (!found) throw unknownProject(ref);
  const { memberRole, ...project } = found;
  if (actor.kind === "system") return { project, role: "system", scopes: [] };
  // A token of another project must not even learn that this one exists.
  if (actor.token?.projectId && actor.token.projectId !== project.id) throw unknownProject(ref);
  // A step's token was issued by the platform for this project; it works on even if the person who started the run has left meanwhile.
  if (actor.token?.step) return { project, role: "scientist", scopes: actor.token.scopes };
  if (actor.token?.ofPlatform) return { project, role: "viewer", scopes: actor.token.scopes };
  const role = effectiveRole(memberRole, actor.platformRoles);
  if (!role) throw unknownProject(ref);
  const held = ROLE_SCOPES[role];
  const { token } = actor;
  return { project, role, scopes: token ? held.filter((scope) => token.scopes.includes(scope)) : held };
}

/** The one decision on who may act in a project. Foreign projects are 404, missing scopes 403 with the reason. */
export async function authoriseProject(db: Db, actor: Actor, ref: string, scope: Scope): Promise<Authorised> {
  return decided(await accessTo(db, actor, ref), actor, scope);
}

/**
 * As `authoriseProject`, but what a token may do in a project is remembered for RECENT_MS: a change of its owner's role takes that long to show. Refusals
 * are never remembered, and neither is a person's access.
 */
export async function authoriseRecently(db: Db, actor: Actor, ref: string, scope: Scope): Promise<Authorised> {
  if (!actor.token) return await authoriseProject(db, actor, ref, scope);
  const name = `${actor.token.id} ${actor.token.scopes.join()} ${ref}`;
  const kept = recentAccess.get(name);
  if (kept) return decided(kept, actor, scope);
  const access = await accessTo(db, actor, ref);
  recentAccess.set(name, access);
  return decided(access, actor, scope);
}

function decided(access: Authorised, actor: Actor, scope: Scope): Authorised {
  if (access.role === "system") {
    if (scope !== "governance:decide") return access;
    throw new AppError("forbidden", "A promotion is decided by a person.", {
      remedy: "Ask a reviewer of the project to decide.",
    });
  }
  if (access.scopes.includes(scope)) return access;
  const role = access.role;
  const lacksToken = actor.token && ROLE_SCOPES[role].includes(scope);
  throw new AppError(
    "forbidden",
    lacksToken
      ? `The token lacks the scope ${scope}.`
      : `As ${role} of '${access.project.slug}' you may not do this: it needs ${scope}.`,
    {
      field: "scope",
      value: scope,
      remedy: lacksToken
        ? `Create a token with the scope ${scope} in Settings.`
        : "Ask a maintainer of the project for a role that has it.",
    },
  );
}

/** The decision for acts outside any project. A token bound to a project may not leave it. */
export function authorisePlatform(actor: Actor, scope: PlatformScope): void {
  if (actor.kind === "system") return;
  const allowed: readonly string[] = PLATFORM_SCOPES[scope];
  const tokenAllows = !actor.token || (scope === "self" && actor.token.projectId === null);
  if (tokenAllows && actor.platformRoles.some((role) => allowed.includes(role))) return;
  throw new AppError(
    "forbidden",
    tokenAllows
      ? `This needs the platform role ${allowed.join(" or ")}.`
      : "A token cannot do this; sign in as a person.",
    {
      field: "scope",
      value: scope,
      remedy: "Ask an administrator.",
    },
  );
}
