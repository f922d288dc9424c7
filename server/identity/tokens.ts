import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { type Db, prisma } from "#server/platform/db.ts";
import type { Actor, StepContext } from "./actor.ts";
import { CreateTokenInput, ROLE_SCOPES, Scope, type TokenDto, type TokenLimits } from "./contract.ts";
import { Recent } from "./recent.ts";
import { defineUseCase } from "./use-case.ts";

const PREFIX = "tst_";
/** A user id that nobody has. */
const NOBODY = "00000000-0000-0000-0000-000000000000";
const STEP_SCOPES = [
  "project:read",
  "data:read",
  "tracking:read",
  "tracking:write",
  "registry:read",
  "registry:write",
] as const;
const StepShape = z.object({
  pipelineRunId: z.string(),
  step: z.string(),
  commit: z.string(),
  datasetVersionIds: z.array(z.string()),
});
const hash = (secret: string): string => createHash("sha256").update(secret).digest("hex");

export interface NewToken {
  readonly id: string;
  /** Shown once; only its hash is kept. */
  readonly secret: string;
  readonly expiresAt: Date;
}

/** Stores a new token and returns its secret. `scopes` must already be what the owner may grant. */
export async function issueToken(
  db: Db,
  options: {
    userId: string | null;
    projectId: string | null;
    name: string;
    scopes: readonly Scope[];
    expiresAt: Date;
    step?: StepContext;
    limits?: TokenLimits;
    purpose?: "probe" | "service";
  },
): Promise<NewToken> {
  const secret = PREFIX + randomBytes(24).toString("base64url");
  const { id } = await db.apiToken.create({
    data: {
      userId: options.userId,
      projectId: options.projectId,
      name: options.name,
      scopes: [...options.scopes],
      expiresAt: options.expiresAt,
      ratePerSecond: options.limits?.ratePerSecond ?? null,
      rowsPerDay: options.limits?.rowsPerDay ?? null,
      ...(options.step
        ? {
            purpose: "pipeline-step",
            context: { ...options.step, datasetVersionIds: [...options.step.datasetVersionIds] },
          }
        : {}),
      ...(options.purpose ? { purpose: options.purpose } : {}),
      tokenHash: hash(secret),
      prefix: secret.slice(0, 10),
    },
    select: { id: true },
  });
  return { id, secret, expiresAt: options.expiresAt };
}

/** The limits of a token as its maker stated them. */
export function limitsOf(input: z.infer<typeof CreateTokenInput>): TokenLimits {
  return { ratePerSecond: input.ratePerSecond ?? null, rowsPerDay: input.rowsPerDay ?? null };
}

/** Creates a token for oneself in one project. It can never do more than its owner: every use is checked against both. */
export const createToken = defineUseCase({
  name: "identity.create-token",
  scope: "project:read",
  effect: "write",
  input: CreateTokenInput,
  async run({ input, actor, project, role, db, audit }) {
    if (actor.kind !== "person" || !actor.userId)
      throw new AppError("forbidden", "A token is created by a signed-in person.", {
        remedy: "Sign in, then create it in Settings.",
      });
    const held: readonly string[] = role === "system" ? [] : ROLE_SCOPES[role];
    const beyond = input.scopes.filter((scope) => !held.includes(scope));
    if (beyond.length > 0)
      throw new AppError(
        "forbidden",
        `You do not hold ${beyond.join(", ")} in '${project.slug}', so a token of yours cannot either.`,
        { field: "scopes", value: beyond, remedy: "Leave these scopes out." },
      );
    const expiresAt = new Date(Date.now() + input.days * 86_400_000);
    const token = await issueToken(db, {
      userId: actor.userId,
      projectId: project.id,
      name: input.name,
      scopes: input.scopes,
      expiresAt,
      limits: limitsOf(input),
    });
    await audit({
      action: "token.created",
      subject: { type: "token", id: token.id },
      summary: `${actor.name} created the token '${input.name}' for ${project.slug}, valid ${input.days} days`,
      details: { scopes: input.scopes, ...limitsOf(input) },
    });
    return { id: token.id, secret: token.secret, expiresAt: expiresAt.toISOString() };
  },
});

/** The tokens of a project that one may see: one's own, those for all of one's projects among them, or all for those who manage members. */
export const listTokens = defineUseCase({
  name: "identity.list-tokens",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, scopes, db }): Promise<TokenDto[]> {
    const all = scopes.includes("members:write");
    const rows = await db.apiToken.findMany({
      where: {
        purpose: "person",
        OR: [
          { projectId: project.id, ...(all ? {} : { userId: actor.userId ?? NOBODY }) },
          { projectId: null, userId: actor.userId ?? NOBODY },
        ],
      },
      include: { user: { select: { name: true } } },
      orderBy: { createdAt: "desc" },
    });
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      prefix: row.prefix,
      scopes: row.scopes,
      everywhere: row.projectId === null,
      owner: row.user?.name ?? "Touchstone",
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
      revokedAt: row.revokedAt?.toISOString() ?? null,
      ratePerSecond: row.ratePerSecond,
      rowsPerDay: row.rowsPerDay,
    }));
  },
});

/** Ends a token at once. One may revoke one's own; those who manage members any of the project. */
export const revokeToken = defineUseCase({
  name: "identity.revoke-token",
  scope: "project:read",
  effect: "write",
  input: z.object({ id: z.uuid() }),
  async run({ input, actor, project, scopes, db, audit }) {
    const row = await db.apiToken.findFirst({
      where: {
        id: input.id,
        OR: [
          { projectId: project.id, ...(scopes.includes("members:write") ? {} : { userId: actor.userId ?? NOBODY }) },
          { projectId: null, userId: actor.userId ?? NOBODY },
        ],
      },
    });
    if (!row)
      throw new AppError("not_found", "There is no such token in this project.", { field: "id", value: input.id });
    await db.apiToken.update({ where: { id: row.id }, data: { revokedAt: row.revokedAt ?? new Date() } });
    recentHolders.clear();
    await audit({
      action: "token.revoked",
      subject: { type: "token", id: row.id },
      summary: `${actor.name} revoked the token '${row.name}'`,
    });
    return { id: row.id };
  },
});

interface Holder {
  readonly actor: Omit<Actor, "requestId">;
  readonly expiresAt: number;
}
const recentHolders = new Recent<Holder>("token");

/**
 * The actor behind a secret, or null when it is unknown, expired or revoked. Notes the use, at most once a minute. An answer is used again for at most
 * RECENT_MS: a revocation takes effect at once in the process that made it, and that much later in others.
 */
export async function actorOfToken(secret: string, requestId: string = uuidv7()): Promise<Actor | null> {
  if (!secret.startsWith(PREFIX)) return null;
  const tokenHash = hash(secret);
  const known = recentHolders.get(tokenHash);
  if (known && known.expiresAt > Date.now()) return { ...known.actor, requestId };
  const row = await prisma().apiToken.findUnique({ where: { tokenHash }, include: { user: true } });
  const now = new Date();
  if (!row || row.revokedAt || row.expiresAt <= now) return null;
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > 60_000)
    await prisma().apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  const scopes = row.scopes.flatMap((scope) => {
    const parsed = Scope.safeParse(scope);
    return parsed.success ? [parsed.data] : [];
  });
  const actor: Holder["actor"] = {
    kind: "token",
    userId: row.userId,
    name: row.user?.name ?? (row.purpose === "service" ? row.name : "Touchstone"),
    platformRoles: row.user?.platformRoles ?? [],
    token: {
      id: row.id,
      scopes,
      projectId: row.projectId,
      limits: { ratePerSecond: row.ratePerSecond, rowsPerDay: row.rowsPerDay },
      ...(row.purpose === "pipeline-step" ? { step: StepShape.parse(row.context) } : {}),
      ...(["probe", "service"].includes(row.purpose) ? { ofPlatform: true as const } : {}),
    },
  };
  recentHolders.set(tokenHash, { actor, expiresAt: row.expiresAt.getTime() });
  return { ...actor, requestId };
}

/**
 * The token that a pipeline step gets in its environment. It may log runs and register versions in its project, carries the step's lineage, and ends
 * with the step (`revokeStepToken`) or at `expiresAt`.
 */
export async function issueStepToken(
  db: Db,
  options: { userId: string | null; projectId: string; expiresAt: Date; step: StepContext },
): Promise<NewToken> {
  return await issueToken(db, { ...options, name: `step ${options.step.step}`, scopes: STEP_SCOPES });
}

/**
 * The token by which a customised service asks the endpoints of its own project: its own identity, no person's. Only the serving process holds it, never the
 * service's code. Tokens of the same service that are older than a day have ended.
 */
export async function issueServiceToken(
  db: Db,
  options: { projectId: string; service: string; expiresAt: Date },
): Promise<NewToken> {
  return await issueToken(db, {
    projectId: options.projectId,
    expiresAt: options.expiresAt,
    purpose: "service",
    userId: null,
    name: `service ${options.service}`,
    scopes: ["serving:predict"],
  });
}

/** Ends a step's token. Idempotent. */
export async function revokeStepToken(db: Db, id: string): Promise<void> {
  await db.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
  recentHolders.clear();
}

/**
 * A token with which the platform asks endpoints of a project whether they are ready, as a caller would. It never leaves the process that asked for it, and
 * may predict no more than its holder could without it. Those that ran out are removed on the way.
 */
export async function issueProbeToken(db: Db, options: { projectId: string; expiresAt: Date }): Promise<NewToken> {
  await db.apiToken.deleteMany({ where: { purpose: "probe", expiresAt: { lt: new Date() } } });
  return await issueToken(db, {
    ...options,
    userId: null,
    name: "availability probe",
    scopes: ["serving:predict"],
    purpose: "probe",
  });
}
