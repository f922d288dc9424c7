import { describe, expect, test } from "vitest";
import { bucketOf, bucketsOf, isDealt } from "./router.ts";

const SALT = "f0e1d2c3-b4a5-4687-9796-a5b4c3d2e1f0";
const keys = Array.from({ length: 50_000 }, (_, i) => `customer-${i}`);

test("buckets are those that any client computes: murmur3_32(salt:key) modulo 10000", () => {
  // mmh3 (PyPI): [mmh3.hash(f"{salt}:{i}", signed=False) % 10000 for i in range(12)]
  const expected = [3287, 1616, 8952, 8285, 6869, 9914, 1481, 3809, 9898, 7597, 6847, 3777];
  expect(expected.map((_, i) => bucketOf(SALT, String(i)))).toEqual(expected);
});

test("a share takes as many of the buckets", () => {
  expect([0, 0.0001, 0.05, 0.3333, 1].map(bucketsOf)).toEqual([0, 1, 500, 3333, 10_000]);
});

describe("requests are dealt", () => {
  test("evenly: a share of the keys is a share of the requests", () => {
    for (const share of [0.01, 0.1, 0.5]) {
      const got = keys.filter((key) => isDealt(SALT, key, bucketsOf(share))).length;
      const error = Math.sqrt(keys.length * share * (1 - share));
      expect(Math.abs(got - keys.length * share), `${share}`).toBeLessThan(4 * error);
    }
  });

  test("to nobody at 0, and all at 1", () => {
    expect(keys.some((key) => isDealt(SALT, key, 0))).toBe(false);
    expect(isDealt(SALT, [], 0)).toBe(false);
    expect(keys.every((key) => isDealt(SALT, key, 10_000))).toBe(true);
  });

  test("so that a growing canary keeps whom it has", () => {
    const at = (share: number) => new Set(keys.filter((key) => isDealt(SALT, key, bucketsOf(share))));
    const [small, large] = [at(0.05), at(0.2)];
    expect([...small].every((key) => large.has(key))).toBe(true);
    expect(large.size).toBeGreaterThan(3 * small.size);
  });

  test("anew with another salt, independently of the deal before", () => {
    const upTo = bucketsOf(0.5);
    const first = keys.filter((key) => isDealt(SALT, key, upTo));
    const both = first.filter((key) => isDealt("another", key, upTo)).length;
    expect(Math.abs(both / first.length - 0.5)).toBeLessThan(0.02);
  });

  test("whole: only when every row's key leads there", () => {
    const upTo = bucketsOf(0.5);
    const inside = keys.filter((key) => isDealt(SALT, key, upTo)).slice(0, 3);
    const outside = keys.find((key) => !isDealt(SALT, key, upTo)) ?? "";
    expect(isDealt(SALT, inside, upTo)).toBe(true);
    expect(isDealt(SALT, [...inside, outside], upTo)).toBe(false);
  });
});
