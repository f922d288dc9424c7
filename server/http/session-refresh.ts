import type { Account } from "next-auth";
import { z } from "zod";
import { type Claims, rolesOfClaims } from "#server/identity/index.ts";
import { writeAudit } from "#server/platform/audit.ts";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { uuidv7 } from "#server/kernel/ids.ts";

/** The name under which an issuer's subjects are stored. The embedded provider's address changes with its port, so it has a fixed one. */
export function issuerKey(): string {
  return env().OIDC_EMBEDDED === "1" ? "touchstone:development" : (env().OIDC_ISSUER ?? "");
}

const Discovery = z.object({ token_endpoint: z.url(), end_session_endpoint: z.url().optional() });
let discovered: Promise<z.infer<typeof Discovery>> | undefined;

/** The issuer's endpoints, fetched once; a failure is not kept. */
export function discovery(): Promise<z.infer<typeof Discovery>> {
  if (!discovered) {
    discovered = fetch(`${(env().OIDC_ISSUER ?? "").replace(/\/$/, "")}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(5_000),
    }).then(async (response) => {
      if (!response.ok) throw new Error(`the identity provider answered ${response.status}`);
      return Discovery.parse(await response.json());
    });
    discovered.catch(() => {
      discovered = undefined;
    });
  }
  return discovered;
}

/** The claims of an id token that came straight from the token endpoint, whose signature the sign-in has verified. */
function claimsOf(idToken: string): Claims {
  return JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString()) as Claims;
}

/** Stores what a sign-in brought: tokens for refreshing, the roles of now, and an audit event. */
export async function rememberIdentity(userId: string, issuer: string, account: Account): Promise<void> {
  await prisma().$transaction(async (tx) => {
    await tx.account.updateMany({
      where: { issuer, subject: account.providerAccountId, userId },
      data: {
        refreshToken: account.refresh_token ?? null,
        idToken: account.id_token ?? null,
        expiresAt: account.expires_at ? new Date(account.expires_at * 1000) : null,
      },
    });
    const platformRoles = account.id_token
      ? rolesOfClaims(claimsOf(account.id_token), env().OIDC_ROLES_CLAIM)
      : undefined;
    const user = await tx.user.update({
      where: { id: userId },
      data: { lastSeenAt: new Date(), ...(platformRoles ? { platformRoles } : {}) },
    });
    const actor = { kind: "person", userId, name: user.name, requestId: uuidv7() };
    await writeAudit(tx, actor, null, {
      action: "auth.signed_in",
      subject: { type: "user", id: userId },
      summary: `${user.name} signed in`,
      details: { roles: user.platformRoles },
    });
  });
}

const Tokens = z.object({
  expires_in: z.number().default(300),
  refresh_token: z.string().optional(),
  id_token: z.string().optional(),
});

/**
 * Re-reads a person's roles from the provider when their access token is due, at most once at a time per account whatever the number of processes: the
 * row lock decides. A grant that was revoked ends all sessions of the person. While the provider is out of reach, the last known roles stand.
 */
export async function refreshedRoles(userId: string): Promise<void> {
  const due = await prisma().account.findFirst({
    where: {
      userId,
      issuer: issuerKey(),
      refreshToken: { not: null },
      expiresAt: { lt: new Date(Date.now() + 30_000) },
    },
    select: { subject: true },
  });
  if (!due) return;
  const { OIDC_CLIENT_ID = "", OIDC_CLIENT_SECRET = "", OIDC_ROLES_CLAIM } = env();
  try {
    await prisma().$transaction(
      async (tx) => {
        const [account] = await tx.$queryRaw<{ subject: string; refresh_token: string }[]>`
          select subject, refresh_token from accounts
          where user_id = ${userId}::uuid and issuer = ${issuerKey()} and expires_at < now() + interval '30 s' and refresh_token is not null
          for update`;
        if (!account) return;
        const { token_endpoint } = await discovery();
        const basic = Buffer.from(
          `${encodeURIComponent(OIDC_CLIENT_ID)}:${encodeURIComponent(OIDC_CLIENT_SECRET)}`,
        ).toString("base64");
        const response = await fetch(token_endpoint, {
          method: "POST",
          signal: AbortSignal.timeout(8_000),
          headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${basic}` },
          body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: account.refresh_token }),
        });
        if (response.status === 400 || response.status === 401) {
          await tx.session.deleteMany({ where: { userId } });
          return;
        }
        if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
        const tokens = Tokens.parse(await response.json());
        await tx.account.updateMany({
          where: { userId, issuer: issuerKey() },
          data: {
            expiresAt: new Date(Date.now() + tokens.expires_in * 1000),
            ...(tokens.refresh_token ? { refreshToken: tokens.refresh_token } : {}),
            ...(tokens.id_token ? { idToken: tokens.id_token } : {}),
          },
        });
        if (!tokens.id_token) return;
        const claims = claimsOf(tokens.id_token);
        await tx.user.update({
          where: { id: userId },
          data: { platformRoles: rolesOfClaims(claims, OIDC_ROLES_CLAIM), lastSeenAt: new Date() },
        });
      },
      { timeout: 20_000 },
    );
  } catch (error) {
    log.warn({ err: error, userId }, "the identity provider could not be asked for current roles");
  }
}
