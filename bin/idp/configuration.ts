import type { Configuration } from "oidc-provider";
import { interactionPolicy } from "oidc-provider";
import { errorPage, signedOutPage, signOutPage } from "./pages.ts";
import { keptKeys } from "./keys.ts";
import { claimsOf, DEMO_PEOPLE } from "./people.ts";
import { allowScript } from "./policy.ts";
import type { IdpStore } from "./store.ts";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const SCOPES = "openid profile email roles offline_access";

export type Client = { readonly appUrl: string; readonly clientId: string; readonly clientSecret: string };

/** One client, one-click sign-in, no consent, roles in the id token as Keycloak sends them. */
export function configuration(client: Client, keysFile: string, store: IdpStore): Configuration {
  const keys = keptKeys(keysFile);
  const policy = interactionPolicy.base();
  policy.remove("consent");
  const { appUrl, clientId, clientSecret } = client;
  return {
    adapter: (model) => store.adapterFor(model),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${appUrl}/api/auth/callback/oidc`],
        post_logout_redirect_uris: [`${appUrl}/login`, `${appUrl}/`, appUrl],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    jwks: { keys: [keys.signing] },
    // Cookies ignore ports, so these names must not be the app's.
    cookies: {
      keys: [...keys.cookies],
      names: { session: "idp_session", interaction: "idp_interaction", resume: "idp_resume" },
    },
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      roles: ["realm_access", "groups"],
    },
    scopes: ["openid", "offline_access"],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 5 * MINUTE,
      IdToken: 60 * MINUTE,
      RefreshToken: 14 * DAY,
      Session: 14 * DAY,
      Interaction: 60 * MINUTE,
      Grant: 14 * DAY,
    },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = signOutPage(form, allowScript(ctx, appUrl));
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = signedOutPage(appUrl);
        },
      },
    },
    renderError(ctx, out) {
      ctx.type = "html";
      ctx.body = errorPage(appUrl, out.error, out.error_description ?? "");
    },
    async loadExistingGrant(ctx) {
      const { provider, result, session, client: asking } = ctx.oidc;
      if (session?.accountId === undefined || asking === undefined) return undefined;
      const known = result?.consent?.grantId ?? session.grantIdFor(asking.clientId);
      const found = known === undefined ? undefined : await provider.Grant.find(known);
      if (found !== undefined) return found;
      const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    findAccount(_ctx, handle) {
      const person = DEMO_PEOPLE.find((one) => one.handle === handle);
      return person && { accountId: handle, claims: async () => claimsOf(person) };
    },
  };
}
