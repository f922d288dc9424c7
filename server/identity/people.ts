import { createHash } from "node:crypto";
import { type Db, prisma } from "#server/platform/db.ts";
import type { Actor } from "./actor.ts";
import { PlatformRole } from "./contract.ts";

/** Other spellings under which providers name our roles. */
const SPELLINGS: Readonly<Record<string, PlatformRole>> = {
  data_scientist: "scientist",
  stakeholder: "viewer",
  admin: "administrator",
};

export interface Claims {
  readonly sub: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly roles?: unknown;
  readonly groups?: unknown;
  readonly realm_access?: unknown;
}

/**
 * The platform roles that a provider's claims grant: the union of `realm_access.roles`, `groups` (their last path segment), `roles` and the claim at
 * `path` (dotted), as Keycloak, Entra and Okta send them. A prefix "touchstone-" or "touchstone:" is dropped; unknown names are ignored.
 */
export function rolesOfClaims(claims: Claims, path?: string): PlatformRole[] {
  const dig = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  const named = path ? path.split(".").reduce<unknown>(dig, claims) : undefined;
  const raw = [named, dig(claims.realm_access, "roles"), claims.groups, claims.roles].flatMap((v) =>
    Array.isArray(v) ? v.map(String) : [],
  );
  const names = raw.map((name) => (name.split("/").at(-1) ?? "").replace(/^touchstone[-:]/, "").replaceAll("-", "_"));
  const roles = names.flatMap((name) => {
    const parsed = PlatformRole.safeParse(SPELLINGS[name] ?? name);
    return parsed.success ? [parsed.data] : [];
  });
  return [...new Set(roles)];
}

/** A short name that is free: from the preferred name, with a number if taken. */
export async function freeHandle(db: Db, wished: string): Promise<string> {
  const base =
    wished
      .toLowerCase()
      .replace(/@.*$/, "")
      .replace(/[^a-z0-9._-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "person";
  for (let n = 1; ; n++) {
    const handle = n === 1 ? base : `${base}${n}`;
    if (!(await db.user.findUnique({ where: { handle }, select: { id: true } }))) return handle;
  }
}

/** SHA-256 of a session cookie, the form in which it is stored. */
export function sessionHash(cookie: string): string {
  return createHash("sha256").update(cookie).digest("hex");
}

/** The signed-in person behind a session cookie, or null. */
export async function actorOfSession(
  cookie: string,
  requestId: string,
): Promise<(Actor & { email: string; handle: string }) | null> {
  const row = await prisma().session.findUnique({ where: { tokenHash: sessionHash(cookie) }, include: { user: true } });
  if (!row || row.expires <= new Date()) return null;
  const { user } = row;
  return {
    kind: "person",
    userId: user.id,
    name: user.name,
    email: user.email,
    handle: user.handle,
    platformRoles: user.platformRoles,
    requestId,
  };
}
