import { expect, test } from "vitest";
import { toleranceText } from "./tolerance-text.ts";

test("a tolerance has no zeros that were not stated", () => {
  expect([1e-4, 0.0012, 0.05, 1, 100, 1e-5, 2.34567e-7, 0.123456, 0, null].map(toleranceText)).toEqual([
    "0.0001",
    "0.0012",
    "0.05",
    "1",
    "100",
    "1e-5",
    "2.346e-7",
    "0.1235",
    "0",
    "–",
  ]);
});
