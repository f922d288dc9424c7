import type { Scope } from "./contract.ts";

/** Whether `scopes` contains `scope`; the same question for a button and for the server. */
export function can(scopes: readonly string[], scope: Scope): boolean {
  return scopes.includes(scope);
}
