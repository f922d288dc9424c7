import { expect, test } from "vitest";
import { tokenState } from "./token-state.ts";

test("a token works until it is revoked or its time is over", () => {
  const expiresAt = "2026-11-20T12:00:00.000Z";
  const at = Date.parse(expiresAt);
  expect(tokenState({ revokedAt: null, expiresAt }, at - 1)).toBe("active");
  expect(tokenState({ revokedAt: null, expiresAt }, at)).toBe("expired");
  expect(tokenState({ revokedAt: expiresAt, expiresAt }, at - 1)).toBe("revoked");
});
