import { expect, test } from "vitest";
import { Recent } from "./recent.ts";

test("an answer that was read before a change was committed is not remembered past it", () => {
  const [recent, ofAnotherGraph] = [
    new Recent<string>("holders of this test"),
    new Recent<string>("holders of this test"),
  ];
  recent.set("token", "alice");
  expect(ofAnotherGraph.get("token")).toBe("alice");
  recent.clear();
  expect(ofAnotherGraph.get("token")).toBeUndefined();
  // Somebody asked before the revocation was committed, and now knows what no longer holds.
  ofAnotherGraph.set("token", "alice");
  expect(recent.get("token")).toBeUndefined();
});
