import type { TokenDto } from "#server/identity/contract.ts";

/** Whether a token works at `now` (milliseconds since 1970), and if not why. */
export function tokenState(
  token: Pick<TokenDto, "revokedAt" | "expiresAt">,
  now: number,
): "active" | "revoked" | "expired" {
  if (token.revokedAt !== null) return "revoked";
  return Date.parse(token.expiresAt) <= now ? "expired" : "active";
}
