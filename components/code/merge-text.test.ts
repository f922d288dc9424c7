import { expect, test } from "vitest";
import { mergeText } from "./merge-text.ts";

const BASE = "a\nb\nc\nd\ne\n";

test("changes of different lines are both kept", () => {
  expect(mergeText("A\nb\nc\nd\ne\n", BASE, "a\nb\nc\nd\nE\n")).toBe("A\nb\nc\nd\nE\n");
});

test("the same change on both sides is no conflict", () => {
  expect(mergeText("X\nb\nc\nd\ne\n", BASE, "X\nb\nc\nd\ne\n")).toBe("X\nb\nc\nd\ne\n");
});

test("different changes of one line are left to a person", () => {
  expect(mergeText("mine\nb\nc\nd\ne\n", BASE, "theirs\nb\nc\nd\ne\n")).toBeNull();
});

test("an insertion and a deletion elsewhere are put together, the last line's end included", () => {
  expect(mergeText("a\nb\nb2\nc\nd\ne", "a\nb\nc\nd\ne", "a\nb\nc\ne")).toBe("a\nb\nb2\nc\ne");
});
