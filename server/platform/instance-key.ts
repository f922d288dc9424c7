import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { env } from "./env.ts";

let lone: Buffer | undefined;

/**
 * 32 bytes for one purpose, derived from the secret that every process of this instance shares (NEXTAUTH_SECRET). Without it, as in tests and tools,
 * the process has a key of its own, and what was made with it means nothing to another.
 */
export function instanceKey(purpose: string): Buffer {
  const shared = env().NEXTAUTH_SECRET ?? (lone ??= randomBytes(32));
  return Buffer.from(hkdfSync("sha256", shared, "", `touchstone ${purpose}`, 32));
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a secret that must be used again (AES-256-GCM): what the database holds is no use without the instance's key. */
export function seal(purpose: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", instanceKey(purpose), iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
}

/** What was sealed for this purpose. Throws when the key has changed since. */
export function unseal(purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", instanceKey(purpose), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}
