import { createHash } from "node:crypto";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import type { DigestParts } from "./contract.ts";

/** SHA-256 in hex of a value's canonical JSON. */
export function sha256Of(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** The one digest that an approval is bound to: any change of the version, data, code, policy, evaluation or base champion gives another. */
export function decisionDigest(parts: DigestParts): string {
  return sha256Of(parts);
}
