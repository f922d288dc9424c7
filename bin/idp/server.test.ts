import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../launch/ports.ts";
import { type Idp, startIdp } from "./server.ts";

const APP = "http://localhost:3999";
const SCOPE = "openid profile email roles offline_access";

let dir = "";
let port = 0;
let idp: Idp;
const errors: Error[] = [];

const start = async () => {
  const client = { appUrl: APP, clientId: "touchstone", clientSecret: "secret" };
  idp = await startIdp({ ...client, port, dir, onError: (error) => errors.push(error) });
};
beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-idp-"));
  port = await freePort();
  errors.length = 0;
  await start();
});
afterEach(async () => {
  await idp.stop();
  rmSync(dir, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

/** As much of a browser as a sign-in needs: cookies, and redirects taken one by one. */
function browser() {
  const cookies = new Map<string, string>();
  return async (to: string, form?: Record<string, string>): Promise<Response> => {
    const url = new URL(to, idp.issuer);
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
}
type Browser = ReturnType<typeof browser>;

const location = (response: Response) => response.headers.get("location") ?? "";

function authorisation(verifier: string): string {
  const query = new URLSearchParams({
    client_id: "touchstone",
    response_type: "code",
    redirect_uri: `${APP}/api/auth/callback/oidc`,
    scope: SCOPE,
    state: "s",
    nonce: "n",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return `/auth?${query}`;
}

async function tokens(form: Record<string, string>): Promise<Record<string, string>> {
  const response = await fetch(new URL("/token", idp.issuer), {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from("touchstone:secret").toString("base64")}` },
    body: new URLSearchParams(form),
  });
  return (await response.json()) as Record<string, string>;
}

/** Follows redirects inside the provider until it sends the browser to the app. */
async function toApp(visit: Browser, response: Response): Promise<URL> {
  let current = response;
  for (let i = 0; i < 5 && !location(current).startsWith(APP); i++) current = await visit(location(current));
  return new URL(location(current));
}

async function signIn(visit: Browser, handle: string) {
  const verifier = randomBytes(32).toString("base64url");
  const begun = await visit(authorisation(verifier));
  const page = location(begun);
  expect(page).toMatch(/^\/interaction\//);
  const back = await toApp(visit, await visit(page, { person: handle }));
  return await exchange(back, verifier);
}

async function exchange(back: URL, verifier: string) {
  const answer = await tokens({
    grant_type: "authorization_code",
    code: back.searchParams.get("code") ?? "",
    redirect_uri: `${APP}/api/auth/callback/oidc`,
    code_verifier: verifier,
  });
  const claims = JSON.parse(Buffer.from(answer["id_token"]?.split(".")[1] ?? "", "base64url").toString()) as object;
  return { answer, claims };
}

test("signs a person in with roles where Keycloak and Okta put them", async () => {
  const { answer, claims } = await signIn(browser(), "bob");
  expect(claims).toMatchObject({
    iss: idp.issuer,
    aud: "touchstone",
    sub: "bob",
    name: "Bob Keller",
    email: "bob@example.com",
    preferred_username: "bob",
    nonce: "n",
    realm_access: { roles: ["reviewer"] },
    groups: ["/touchstone/reviewer"],
  });
  expect(answer["refresh_token"]).toBeTruthy();
});

test("the page names the four people, runs no script, and lets the form lead back to the app", async () => {
  const visit = browser();
  const page = await visit(location(await visit(authorisation("v".repeat(43)))));
  const html = await page.text();
  for (const name of ["Alice Martin", "Bob Keller", "Carol Osei", "Dave Lind"]) expect(html).toContain(name);
  const policy = page.headers.get("content-security-policy");
  expect(policy).toContain("script-src 'none'");
  expect(policy).toContain(`form-action 'self' ${APP}`);
});

test("somebody who is not one of them is refused, and so is a page from another browser", async () => {
  const visit = browser();
  const page = location(await visit(authorisation("v".repeat(43))));
  expect((await visit(page, { person: "mallory" })).status).toBe(400);
  const stranger = await browser()(page);
  expect(stranger.status).toBe(400);
  expect(await stranger.text()).toContain("Begin again");
});

test("a sign-in without PKCE is refused", async () => {
  const query = new URL(authorisation("v"), idp.issuer);
  query.searchParams.delete("code_challenge");
  query.searchParams.delete("code_challenge_method");
  const answer = new URL(location(await browser()(query.toString())));
  expect(answer.searchParams.get("error")).toBe("invalid_request");
});

test("sign-ins survive a restart: the refresh token, the session and the signing key", async () => {
  const visit = browser();
  const { answer } = await signIn(visit, "alice");
  const keys = async () => await (await fetch(new URL("/jwks", idp.issuer))).text();
  const before = await keys();
  await idp.stop();
  await new Promise((resolve) => setTimeout(resolve, 50)); // until our own client has seen its connections close
  await start();
  expect(await keys()).toBe(before);

  const refreshed = await tokens({ grant_type: "refresh_token", refresh_token: answer["refresh_token"] ?? "" });
  expect(refreshed["id_token"]).toBeTruthy();
  const verifier = randomBytes(32).toString("base64url");
  const { claims } = await exchange(await toApp(visit, await visit(authorisation(verifier))), verifier);
  expect(claims).toMatchObject({ sub: "alice" }); // with no page in between
});

test("a refresh token works once, and its second use ends the sign-in", async () => {
  const { answer } = await signIn(browser(), "alice");
  const use = { grant_type: "refresh_token", refresh_token: answer["refresh_token"] ?? "" };
  const next = await tokens(use);
  expect(next["refresh_token"]).not.toBe(answer["refresh_token"]);
  expect((await tokens(use))["error"]).toBe("invalid_grant");
  const after = await tokens({ grant_type: "refresh_token", refresh_token: next["refresh_token"] ?? "" });
  expect(after["error"]).toBe("invalid_grant");
});

test("signing out ends the provider's session and leads back to the app", async () => {
  const visit = browser();
  const { answer } = await signIn(visit, "carol");
  const query = new URLSearchParams({
    client_id: "touchstone",
    id_token_hint: answer["id_token"] ?? "",
    post_logout_redirect_uri: `${APP}/login`,
  });
  const page = await visit(`/session/end?${query}`);
  const html = await page.text();
  const nonce = /script nonce="([^"]+)"/.exec(html)?.[1];
  expect(page.headers.get("content-security-policy")).toContain(`'nonce-${nonce}'`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const back = await visit("/session/end/confirm", { xsrf, logout: "yes" });
  expect(location(back)).toBe(`${APP}/login`);
  expect(location(await visit(authorisation("v".repeat(43))))).toMatch(/^\/interaction\//); // asked again
});

test("keys and sign-ins are their owner's alone", async () => {
  await signIn(browser(), "dave");
  await idp.stop();
  for (const name of ["keys.json", "sign-ins.json"]) expect(statSync(path.join(dir, name)).mode & 0o777).toBe(0o600);
  await start();
});
