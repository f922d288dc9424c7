import { z } from "zod";

export { can } from "./can-contract.ts";

/** What the identity provider says a person is. */
export const PlatformRole = z.enum(["scientist", "reviewer", "viewer", "administrator"]);
export type PlatformRole = z.infer<typeof PlatformRole>;

/** What a person is in one project. */
export const ProjectRole = z.enum(["viewer", "scientist", "reviewer", "maintainer"]);
export type ProjectRole = z.infer<typeof ProjectRole>;

/** Every permission there is, with the words a person reads when choosing a token's scopes. */
export const SCOPES = {
  "project:read": "See the project and its overview",
  "project:write": "Change the project's name, description and settings",
  "members:write": "Add and remove members",
  "data:read": "Read datasets, profiles and previews",
  "data:write": "Upload and describe dataset versions",
  "code:read": "Read and clone the repository",
  "code:write": "Edit, commit and push",
  "pipelines:read": "See pipeline runs and logs",
  "pipelines:run": "Start and cancel pipeline runs",
  "tracking:read": "Read experiments and runs",
  "tracking:write": "Log runs, metrics, parameters and artifacts",
  "registry:read": "Read registered models and versions",
  "registry:write": "Register model versions and set free aliases",
  "registry:webhooks": "Manage webhooks of the registry and see their deliveries",
  "governance:read": "Read promotion requests and evidence",
  "governance:comment": "Comment on promotion requests",
  "governance:request": "Request and withdraw promotions",
  "governance:decide": "Approve, reject or send back promotion requests",
  "governance:policy": "Write the policy that promotions must meet",
  "governance:rollback": "Pause and revert rollouts, and roll back to an earlier champion",
  "serving:read": "See endpoints, traffic and snippets",
  "serving:log": "Read logged predictions, their outcomes and lineage",
  "serving:write": "Create, stop and resume endpoints",
  "serving:predict": "Send predictions",
  "serving:outcomes": "Send outcomes",
  "monitoring:read": "See monitors, windows and alerts",
  "monitoring:write": "Configure monitors, acknowledge alerts, start retraining",
  "audit:read": "Read the audit trail of the project",
} as const;

export type Scope = keyof typeof SCOPES;
export const Scope = z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]);

const viewer = [
  "project:read",
  "data:read",
  "registry:read",
  "governance:read",
  "serving:read",
  "monitoring:read",
] as const satisfies Scope[];
const member = [
  ...viewer,
  "code:read",
  "pipelines:read",
  "tracking:read",
  "governance:comment",
  "serving:log",
  "audit:read",
] as const satisfies Scope[];

/**
 * Who may do what, as data: the server and the buttons read this one table. A role that is not in it has no scope.
 * A reviewer never writes what they decide on, and nobody but a reviewer decides.
 */
export const ROLE_SCOPES: Readonly<Record<ProjectRole, readonly Scope[]>> = {
  viewer,
  scientist: [
    ...member,
    "data:write",
    "code:write",
    "pipelines:run",
    "tracking:write",
    "registry:write",
    "registry:webhooks",
    "governance:request",
    "serving:write",
    "serving:predict",
    "serving:outcomes",
    "monitoring:write",
  ],
  reviewer: [...member, "governance:decide", "governance:policy", "governance:rollback"],
  maintainer: [
    ...member,
    "project:write",
    "members:write",
    "registry:webhooks",
    "serving:write",
    "monitoring:write",
    // Both look after what is live; going back to what was approved before asks for no new decision.
    "governance:rollback",
  ],
};

/** What a platform role permits without a project. */
export const PLATFORM_SCOPES = {
  "platform:administer": ["administrator"],
  "platform:audit": ["administrator"],
  "project:create": ["scientist", "administrator"],
  self: ["scientist", "reviewer", "viewer", "administrator"],
} as const satisfies Record<string, readonly PlatformRole[]>;
export type PlatformScope = keyof typeof PLATFORM_SCOPES;

/** The platform roles that let a person keep a project role. Losing the group at the provider loses the role here, down to viewer. */
const REQUIRED: Readonly<Record<ProjectRole, readonly PlatformRole[]>> = {
  viewer: ["scientist", "reviewer", "viewer", "administrator"],
  scientist: ["scientist"],
  reviewer: ["reviewer"],
  maintainer: ["scientist", "administrator"],
};

/**
 * The role that a membership amounts to today, or null for none. An administrator without a membership is a maintainer: able to set up and stop
 * things, never to decide.
 */
export function effectiveRole(membership: string | null, platformRoles: readonly string[]): ProjectRole | null {
  const granted = ProjectRole.safeParse(membership);
  const holds = (roles: readonly string[]) => roles.some((role) => platformRoles.includes(role));
  if (granted.success) {
    if (holds(REQUIRED[granted.data])) return granted.data;
    return holds(REQUIRED.viewer) ? "viewer" : null;
  }
  return platformRoles.includes("administrator") ? "maintainer" : null;
}

export const CreateTokenInput = z.object({
  name: z.string().trim().min(1, "Give the token a name, so that you know later what uses it.").max(80),
  scopes: z.array(Scope).min(1, "Choose at least one scope."),
  days: z.coerce.number().int().min(1).max(365).default(90),
  /** Predictions: requests that it may send to one serving process in a second; absent or null: without limit. */
  ratePerSecond: z
    .number("Give a number of requests.")
    .min(0.01, "At least one request in 100 seconds.")
    .max(1_000_000)
    .nullish(),
  /** Predictions: rows that it may ask for on a day (UTC). */
  rowsPerDay: z.number("Give a number of rows.").int("Give whole rows.").min(1).max(2_000_000_000).nullish(),
});

/** What a token may ask of endpoints; null is without limit. */
export interface TokenLimits {
  readonly ratePerSecond: number | null;
  readonly rowsPerDay: number | null;
}

export const TokenDto = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  /** Whether it works in every project of its owner, not in this one alone. */
  everywhere: z.boolean(),
  owner: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  ratePerSecond: z.number().nullable(),
  rowsPerDay: z.number().nullable(),
});
export type TokenDto = z.infer<typeof TokenDto>;

export interface MemberDto {
  readonly userId: string;
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly role: ProjectRole;
  /** Differs from `role` when the identity provider no longer grants what the role needs. */
  readonly effectiveRole: ProjectRole | null;
  readonly since: string;
}

export interface PersonDto {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly platformRoles: readonly string[];
  readonly lastSeenAt: string | null;
}

export const AuditQuery = z.object({
  /** The beginning of an action: "promotion" or "promotion.approved". */
  action: z.string().optional(),
  /** Part of a name. */
  actor: z.string().optional(),
  subjectType: z.string().optional(),
  subjectId: z.string().optional(),
  /** Part of the summary. */
  query: z.string().optional(),
  /** The id of the last event of the page before. */
  before: z.string().regex(/^\d+$/).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export interface AuditEventDto {
  readonly id: string;
  readonly at: string;
  readonly actorKind: string;
  readonly actorName: string;
  readonly projectId: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly summary: string;
  readonly details: unknown;
  readonly requestId: string;
}
export interface AuditPage {
  readonly events: readonly AuditEventDto[];
  /** Hand it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}
