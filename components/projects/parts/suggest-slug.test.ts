import { expect, test } from "vitest";
import { Slug } from "#server/projects/contract.ts";
import { suggestSlug } from "./suggest-slug.ts";

test("a name suggests a short name that the server takes", () => {
  for (const [name, slug] of [
    ["Flight delays (EU)", "flight-delays-eu"],
    ["Crédit à la carte", "credit-a-la-carte"],
    ["2013 flights", "flights"],
    ["x".repeat(60), "x".repeat(40)],
    [`${"a".repeat(39)} b`, "a".repeat(39)],
  ] as const) {
    expect(suggestSlug(name)).toBe(slug);
    expect(Slug.safeParse(slug).success).toBe(true);
  }
  expect(suggestSlug("  ")).toBe("");
});
