import { expect, test } from "vitest";
import { splitDetails } from "./split-details.ts";

test("before and after stand apart from the rest, and an absent part is not shown", () => {
  expect(splitDetails({ before: null, after: "reviewer", reason: "left" })).toEqual({
    before: "null",
    after: '"reviewer"',
    rest: '{\n  "reason": "left"\n}',
  });
  expect(splitDetails({})).toEqual({ before: null, after: null, rest: null });
  expect(splitDetails([1])).toEqual({ before: null, after: null, rest: "[\n  1\n]" });
});
