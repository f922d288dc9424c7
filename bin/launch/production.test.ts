import { expect, test } from "vitest";
import { type Env, env } from "#server/platform/env.ts";
import { refusal } from "./production.ts";

const settings = (changes: Partial<Env>): Env => ({ ...env(), ...changes });
const provider = { OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "touchstone", OIDC_CLIENT_SECRET: "s" };
const complete: Partial<Env> = {
  TOUCHSTONE_ENV: "production",
  DATABASE_URL: "postgresql://db/touchstone",
  NEXTAUTH_SECRET: "x".repeat(32),
  ...provider,
};

test("production names everything that must be set, in one line", () => {
  const line = refusal(settings({ TOUCHSTONE_ENV: "production" }));
  expect(line).not.toContain("\n");
  for (const name of ["DATABASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "NEXTAUTH_SECRET"])
    expect(line).toContain(name);
});

test.each(["DATABASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "NEXTAUTH_SECRET"] as const)(
  "production without %s alone is refused by that name",
  (name) => expect(refusal(settings({ ...complete, [name]: undefined }))).toContain(`Set ${name}.`),
);

test("production refuses a secret that can be guessed", () => {
  expect(refusal(settings({ ...complete, NEXTAUTH_SECRET: "short" }))).toContain("openssl rand");
});

test("complete production settings start", () => expect(refusal(settings(complete))).toBeNull());

test("development needs nothing, but an issuer needs its client", () => {
  expect(refusal(settings({}))).toBeNull();
  expect(refusal(settings(provider))).toBeNull();
  expect(refusal(settings({ OIDC_ISSUER: "https://id.example.com" }))).toContain(
    "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET",
  );
});
