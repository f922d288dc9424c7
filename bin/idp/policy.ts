import { randomBytes } from "node:crypto";

type Answer = { set(name: string, value: string): void };

function policy(appUrl: string, script: string): string {
  // Browsers hold redirects after a form to form-action too, and every sign-in ends at the app.
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${script}; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${new URL(appUrl).origin}`;
}

/** The content security policy of a page of the provider: nothing but its own style and forms. */
export function protect(answer: Answer, appUrl: string): void {
  answer.set("content-security-policy", policy(appUrl, "'none'"));
  answer.set("x-content-type-options", "nosniff");
  answer.set("referrer-policy", "no-referrer");
  answer.set("cache-control", "no-store");
}

/** Lets one script run on this page, and returns its nonce. */
export function allowScript(answer: Answer, appUrl: string): string {
  const nonce = randomBytes(16).toString("base64");
  answer.set("content-security-policy", policy(appUrl, `'nonce-${nonce}'`));
  return nonce;
}
