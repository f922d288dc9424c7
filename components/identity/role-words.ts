import type { ProjectRole } from "#server/identity/contract.ts";

/** What a role is for, in a few words. */
export const ROLE_WORDS: Readonly<Record<ProjectRole, string>> = {
  viewer: "sees what is live and how well it does",
  scientist: "works on data, code, models and requests",
  reviewer: "decides on promotions and writes policies",
  maintainer: "manages members, endpoints and monitors",
};
