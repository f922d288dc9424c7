import { PLATFORM_SCOPES, type PlatformScope } from "#server/identity/contract.ts";
import type { Actor } from "#server/identity/index.ts";

/** Whether a person's platform roles permit something outside projects. A token never does more than read its owner's own. */
export function holdsOnPlatform(actor: Actor, scope: PlatformScope): boolean {
  const allowed: readonly string[] = PLATFORM_SCOPES[scope];
  return !actor.token && actor.platformRoles.some((role) => allowed.includes(role));
}
