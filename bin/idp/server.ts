import type { IncomingMessage, Server } from "node:http";
import path from "node:path";
import { Provider } from "oidc-provider";
import { type Client, configuration } from "./configuration.ts";
import { errorPage, signInPage } from "./pages.ts";
import { DEMO_PEOPLE } from "./people.ts";
import { protect } from "./policy.ts";
import { openIdpStore } from "./store.ts";

export type Idp = { readonly issuer: string; stop(): Promise<void> };

export type IdpOptions = Client & {
  readonly port: number;
  /** Where keys and sign-ins are kept. */
  readonly dir: string;
  /** Told of defects inside the provider, never of a person's mistakes. */
  onError(error: Error): void;
};

const MAX_FORM_BYTES = 1024;

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) break;
  }
  return new URLSearchParams(text);
}

/**
 * The development identity provider: OpenID Connect with PKCE and four people to choose from, without passwords. It listens on the loopback address
 * only, and the launcher never starts it in production.
 */
export async function startIdp(options: IdpOptions): Promise<Idp> {
  const issuer = `http://localhost:${options.port}`;
  const store = openIdpStore(path.join(options.dir, "sign-ins.json"));
  const provider = new Provider(issuer, configuration(options, path.join(options.dir, "keys.json"), store));
  provider.on("server_error", (_ctx, error) => options.onError(error));

  provider.use(async (ctx, next) => {
    if (ctx.path === "/favicon.ico") {
      ctx.status = 204;
      return;
    }
    const uid = /^\/interaction\/([\w-]+)$/.exec(ctx.path)?.[1];
    if (!ctx.path.startsWith("/token") && !ctx.path.startsWith("/jwks")) protect(ctx, options.appUrl);
    if (uid === undefined) {
      await next();
      return;
    }
    ctx.type = "html";
    try {
      await provider.interactionDetails(ctx.req, ctx.res);
    } catch {
      ctx.status = 400;
      ctx.body = errorPage(options.appUrl, "invalid_request", "This sign-in is over or belongs to another browser.");
      return;
    }
    if (ctx.method === "GET") {
      ctx.body = signInPage(uid);
      return;
    }
    const handle = (await readForm(ctx.req)).get("person");
    if (ctx.method !== "POST" || !DEMO_PEOPLE.some((person) => person.handle === handle)) {
      ctx.status = 400;
      ctx.body = errorPage(options.appUrl, "invalid_request", "There is no such person.");
      return;
    }
    ctx.respond = false; // the provider answers by itself
    const login = { accountId: handle ?? "", remember: true };
    await provider.interactionFinished(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
  });

  const server = await new Promise<Server>((resolve, reject) => {
    const listening = provider.listen(options.port, "127.0.0.1", () => resolve(listening));
    listening.once("error", reject);
  });
  return {
    issuer,
    async stop() {
      store.flush();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      store.flush();
    },
  };
}
