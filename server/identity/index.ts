export { type Actor, systemActor } from "./actor.ts";
export { listAuditEvents, readAuditEvents } from "./audit-trail.ts";
export { accessTo, type ProjectRef } from "./authorise.ts";
export { listMembers, listPeople, removeMember, searchPeople, setMember } from "./members.ts";
export { actorOfSession, freeHandle, rolesOfClaims, sessionHash, type Claims } from "./people.ts";
export {
  actorOfToken,
  createToken,
  issueProbeToken,
  issueServiceToken,
  issueStepToken,
  listTokens,
  revokeStepToken,
  revokeToken,
} from "./tokens.ts";
export { createOwnToken, createTokenFor } from "./own-tokens.ts";
export {
  allUseCases,
  definePlatformUseCase,
  defineUseCase,
  parseInput,
  type PlatformUseCase,
  type ProjectUseCase,
} from "./use-case.ts";
