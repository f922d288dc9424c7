import { handle } from "./route.ts";
import { discovery, issuerKey } from "./session-refresh.ts";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";

/** Where the browser goes after signing out here, so that the provider's session ends too; the sign-in page if the provider has no such address. */
export const logoutUrl = handle(async ({ actor }) => {
  const { appUrl, OIDC_CLIENT_ID = "" } = env();
  const back = `${appUrl}/login`;
  const endpoint = await discovery().then(
    (d) => d.end_session_endpoint,
    () => undefined,
  );
  if (!endpoint) return Response.json({ url: back });
  const account = await prisma().account.findFirst({
    where: { userId: actor.userId ?? "", issuer: issuerKey() },
    select: { idToken: true },
  });
  const query = new URLSearchParams({
    client_id: OIDC_CLIENT_ID,
    post_logout_redirect_uri: back,
    ...(account?.idToken ? { id_token_hint: account.idToken } : {}),
  });
  return Response.json({ url: `${endpoint}?${query}` });
});
