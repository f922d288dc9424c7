import type { NextAuthOptions } from "next-auth";
import { type Claims, rolesOfClaims } from "#server/identity/index.ts";
import { env } from "#server/platform/env.ts";
import { sessionAdapter } from "./session-adapter.ts";
import { issuerKey, refreshedRoles, rememberIdentity } from "./session-refresh.ts";

/** How long a sign-in lasts without activity, in seconds. */
const SESSION_SECONDS = 8 * 3600;

/** next-auth's settings: code flow with PKCE, state and nonce against any issuer, sessions in Postgres. */
export function authOptions(): NextAuthOptions {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_SCOPE, OIDC_ROLES_CLAIM, NEXTAUTH_SECRET } = env();
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET || !NEXTAUTH_SECRET)
    throw new Error(
      "Sign-in is not configured. Set OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and NEXTAUTH_SECRET.",
    );
  return {
    adapter: sessionAdapter(),
    secret: NEXTAUTH_SECRET,
    session: { strategy: "database", maxAge: SESSION_SECONDS, updateAge: 600 },
    pages: { signIn: "/login", error: "/login" },
    providers: [
      {
        id: "oidc",
        name: "Single sign-on",
        type: "oauth",
        wellKnown: `${OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
        clientId: OIDC_CLIENT_ID,
        clientSecret: OIDC_CLIENT_SECRET,
        authorization: { params: { scope: OIDC_SCOPE } },
        idToken: true,
        checks: ["pkce", "state", "nonce"],
        profile: (claims: Claims) => ({
          id: claims.sub,
          name: claims.name ?? claims.preferred_username ?? claims.sub,
          email: claims.email ?? "",
          handle: claims.preferred_username ?? claims.email ?? claims.sub,
          platformRoles: rolesOfClaims(claims, OIDC_ROLES_CLAIM),
        }),
      },
    ],
    callbacks: {
      async session({ session, user }) {
        await refreshedRoles(user.id);
        session.user = { name: user.name ?? "", email: user.email };
        return session;
      },
    },
    events: {
      async signIn({ user, account }) {
        if (account) await rememberIdentity(user.id, issuerKey(), account);
      },
    },
  };
}
