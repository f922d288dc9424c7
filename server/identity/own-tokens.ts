import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import type { Actor } from "./actor.ts";
import { CreateTokenInput, effectiveRole, ProjectRole, ROLE_SCOPES, type Scope } from "./contract.ts";
import { createToken, issueToken, limitsOf } from "./tokens.ts";
import { definePlatformUseCase } from "./use-case.ts";

/** Every scope that a person with these platform roles can hold in some project. */
function possibleScopes(platformRoles: readonly string[]): ReadonlySet<string> {
  const roles = ProjectRole.options.flatMap((role) => effectiveRole(role, platformRoles) ?? []);
  return new Set(roles.flatMap((role) => ROLE_SCOPES[role]));
}

/**
 * Creates a token for oneself that works in every project one belongs to, as far as one's role there goes: today's projects and later ones. An MLflow
 * client names the project in its tracking URI. Errors: forbidden for whoever is not a person, and for scopes that none of one's roles has.
 */
export const createOwnToken = definePlatformUseCase({
  name: "identity.create-own-token",
  scope: "self",
  effect: "write",
  input: CreateTokenInput,
  async run({ input, actor, db, audit }) {
    if (actor.kind !== "person" || !actor.userId)
      throw new AppError("forbidden", "A token is created by a signed-in person.", {
        remedy: "Sign in, then create it in a project's Settings.",
      });
    const possible = possibleScopes(actor.platformRoles);
    const beyond = input.scopes.filter((scope) => !possible.has(scope));
    if (beyond.length > 0)
      throw new AppError("forbidden", `No role of yours has ${beyond.join(", ")}, so a token of yours cannot either.`, {
        field: "scopes",
        value: beyond,
        remedy: "Leave these scopes out.",
      });
    const expiresAt = new Date(Date.now() + input.days * 86_400_000);
    const { name, scopes } = input;
    const token = await issueToken(db, {
      userId: actor.userId,
      projectId: null,
      name,
      scopes,
      expiresAt,
      limits: limitsOf(input),
    });
    await audit({
      action: "token.created",
      subject: { type: "token", id: token.id },
      summary: `${actor.name} created the token '${name}' for all projects of theirs, valid ${input.days} days`,
      details: { scopes, ...limitsOf(input) },
    });
    return { id: token.id, secret: token.secret, expiresAt: expiresAt.toISOString() };
  },
});

/**
 * The command line's way to a token: for a person by their short name, in one project or in all of theirs. Who may run this owns the machine and its
 * database. Errors: not_found naming the person or project, forbidden for scopes the person does not hold.
 */
export async function createTokenFor(options: {
  userHandle: string;
  /** null: every project the person belongs to. */
  projectSlug: string | null;
  scopes: readonly string[];
  name: string;
  days: number;
}): Promise<string> {
  const user = await prisma().user.findUnique({ where: { handle: options.userHandle } });
  if (!user)
    throw new AppError("not_found", `No person is called '${options.userHandle}'.`, {
      field: "user",
      value: options.userHandle,
      remedy: "People appear at their first sign-in; the demo people are alice, bob, carol and dave.",
    });
  const actor: Actor = {
    kind: "person",
    userId: user.id,
    name: user.name,
    platformRoles: user.platformRoles,
    requestId: uuidv7(),
  };
  const input = { name: options.name, days: options.days, scopes: options.scopes as Scope[] };
  const { projectSlug } = options;
  const token =
    projectSlug === null ? await createOwnToken(actor, input) : await createToken(actor, projectSlug, input);
  return token.secret;
}
