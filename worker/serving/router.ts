import { murmur3 } from "#server/kernel/murmur3.ts";
import { BUCKETS } from "#server/serving/contract.ts";

/** By what a request is dealt to an arm: one key, or one for each of its rows. */
export type Keys = string | readonly string[];

/** Whether the keys speak of several entities: such a request is dealt by all of them together, so not by the declared share. */
export function isMixed(keys: Keys | null): boolean {
  return typeof keys === "object" && keys !== null && keys.some((key) => key !== keys[0]);
}

/** The bucket of a key, 0 to 9999. Another salt deals all keys anew, independently of the deal before. */
export function bucketOf(salt: string, key: string): number {
  return murmur3(`${salt}:${key}`) % BUCKETS;
}

/** How many buckets a share takes, from 0 on: a larger share keeps those of a smaller one. */
export function bucketsOf(share: number): number {
  return Math.round(share * BUCKETS);
}

/**
 * Whether a request goes to the arm that has the buckets below `upTo`. A request is answered by one version: when its keys lead to different arms, it
 * is not dealt to this one.
 */
export function isDealt(salt: string, keys: Keys, upTo: number): boolean {
  if (upTo === 0) return false;
  if (typeof keys === "string") return bucketOf(salt, keys) < upTo;
  for (const key of keys) if (bucketOf(salt, key) >= upTo) return false;
  return true;
}
