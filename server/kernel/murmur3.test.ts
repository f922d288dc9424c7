import { expect, test } from "vitest";
import { murmur3 } from "./murmur3.ts";

// The values of mmh3 5.2 (PyPI), which wraps the reference implementation: mmh3.hash(text, seed, signed=False).
test.each([
  ["", 0, 142593372, 2180083513],
  ["a", 1009084850, 3001393763, 711476519],
  ["ab", 2613040991, 3610054215, 2944253413],
  ["abc", 3017643002, 1313807976, 4236296879],
  ["abcd", 1139631978, 3898664396, 729662808],
  ["abcde", 3902511862, 2933533680, 2303486836],
  ["0", 3530670207, 3495505081, 1907060525],
  ["touchstone", 228306561, 255140474, 2341305115],
  ["The quick brown fox jumps over the lazy dog", 776992547, 880582914, 590642366],
  ["Zürich 東京 🚀", 2825541958, 1256288925, 2795982236],
  ["f0e1d2c3-b4a5-4687-9796-a5b4c3d2e1f0:customer-42", 1039361792, 692748706, 1510863774],
  ["x".repeat(1000), 1897939982, 2567314743, 413392863],
  ["\0ÿ", 127709720, 1514503435, 462903467],
])("%j hashes as everywhere", (text, plain, seeded, largest) => {
  expect([murmur3(text), murmur3(text, 42), murmur3(text, 0xffffffff)]).toEqual([plain, seeded, largest]);
});

test("a text longer than the memory at hand is hashed whole", () => {
  expect(murmur3("é".repeat(5000))).toBe(murmur3("é".repeat(5000)));
  expect(murmur3("é".repeat(5000))).not.toBe(murmur3("é".repeat(4999)));
});
