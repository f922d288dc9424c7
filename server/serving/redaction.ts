import { createHmac } from "node:crypto";
import { instanceKey } from "#server/platform/instance-key.ts";
import { featureColumns, type ModelSignature } from "#server/registry/contract.ts";
import type { LogRules } from "./arms-contract.ts";

/** What stands before a hash in the log, so that nobody takes it for a category. */
export const HASHED = "hmac-sha256:";
const HEX = 32;
/** Texts whose hash is remembered by column: categories are few and come again and again. */
const MOST = 10_000;

/** What is kept out of the log of one version. */
export interface Redaction {
  /** By number, in the order of featureColumns: 1 where it is dropped. Null when no number is. */
  readonly hidden: Uint8Array | null;
  /** By text, in the order of featureColumns: what becomes of it (null: dropped); undefined for one that is kept as it came. */
  readonly texts: readonly (((text: string) => string | null) | undefined)[] | null;
}

/**
 * Prepares an endpoint's rules for a version. A hash is HMAC-SHA256 with a key of this instance, the endpoint and the column, cut to 128 bits: equal
 * texts of a column stay equal, and nobody without the key can try texts out. Null when no rule speaks of its columns.
 */
export function redactionOf(
  endpointId: string,
  signature: Pick<ModelSignature, "inputs">,
  { redaction }: Pick<LogRules, "redaction">,
): Redaction | null {
  const { numbers, categories } = featureColumns(signature);
  const hidden = Uint8Array.from(numbers, (name) => (redaction[name] ? 1 : 0));
  const texts = categories.map((name) => {
    const rule = redaction[name];
    return rule === "hash" ? hasher(endpointId, name) : rule === "drop" ? () => null : undefined;
  });
  const [anyNumber, anyText] = [hidden.includes(1), texts.some((rule) => rule !== undefined)];
  return anyNumber || anyText ? { hidden: anyNumber ? hidden : null, texts: anyText ? texts : null } : null;
}

function hasher(endpointId: string, column: string): (text: string) => string {
  const key = instanceKey(`log column ${endpointId} ${column}`);
  const known = new Map<string, string>();
  return (text) => {
    let hash = known.get(text);
    if (hash === undefined) {
      hash = HASHED + createHmac("sha256", key).update(text).digest("hex").slice(0, HEX);
      if (known.size >= MOST) known.clear();
      known.set(text, hash);
    }
    return hash;
  };
}

/** Whether a text of the log stands for one that was hashed. */
export function isHashed(text: string): boolean {
  return text.startsWith(HASHED) && text.length === HASHED.length + HEX;
}
