import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { JWK } from "oidc-provider";

export type IdpKeys = { readonly signing: JWK; readonly cookies: readonly string[] };

/** The provider's signing key and cookie keys, made once and kept in `file` (0600): with new ones every restart would sign everybody out. */
export function keptKeys(file: string): IdpKeys {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signing = {
      ...privateKey.export({ format: "jwk" }),
      alg: "RS256",
      use: "sig",
      kid: randomBytes(8).toString("hex"),
    };
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify({ signing, cookies: [randomBytes(24).toString("hex")] }), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, "utf8")) as IdpKeys;
}
