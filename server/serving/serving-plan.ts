import { type ApprovalFinding, findApprovals } from "#server/governance/index.ts";
import type { ApprovedVersion } from "#server/governance/contract.ts";
import { prisma } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { ModelSignature, VersionRuntime } from "#server/registry/contract.ts";
import { goldenOf } from "#server/registry/index.ts";
import {
  ArmKind,
  type ArmResult,
  type EndpointPlan,
  Fallback,
  type PlanArm,
  type ServingPlan,
} from "./arms-contract.ts";
import type { PlanEntry } from "./contract.ts";
import { whyNotBeside } from "./fits-traffic.ts";
import { logRulesOf } from "./log-rules.ts";
import { type ArmPlanRow, type EndpointRow, readArms, readEndpoints, type VersionRow } from "./plan-rows.ts";
import { stoppedSentence } from "./stopped.ts";

/** One endpoint that exists: what it should do, and what stands against it. */
export interface Intent {
  readonly endpoint: string;
  readonly isStopped: boolean;
  readonly plan: EndpointPlan;
  /** The promotion request by which the champion's version became that; null without a champion that may answer. */
  readonly requestId: string | null;
  /** Why there is no champion to serve, for people; null while the model simply has none yet. */
  readonly problem: string | null;
  /** Arms that cannot run, and why. */
  readonly refused: readonly ArmResult[];
}

/**
 * What every endpoint should do now: serve the champion of its model, if a completed promotion request with enough signed approvals names exactly that
 * version and file, and beside it the arms that were started. Nothing else in the database is believed: whoever edits it past governance gets nothing
 * served.
 */
export async function readIntents(): Promise<Intent[]> {
  const [endpoints, arms] = await Promise.all([readEndpoints(), readArms()]);
  const byEndpoint = Map.groupBy(arms, (arm) => arm.endpoint_id);
  const answering = arms.filter((arm) => arm.kind !== "shadow");
  const [champions, others] = await Promise.all([
    findApprovals(prisma(), endpoints.flatMap(approvedVersionOf), "champion"),
    findApprovals(prisma(), answering.flatMap(approvedVersionOf), "arm"),
  ]);
  return await Promise.all(endpoints.map((row) => intentOf(row, byEndpoint.get(row.id) ?? [], { champions, others })));
}

interface Approvals {
  readonly champions: ReadonlyMap<string, ApprovalFinding>;
  readonly others: ReadonlyMap<string, ApprovalFinding>;
}

function approvedVersionOf(row: VersionRow): ApprovedVersion[] {
  if (row.version_id === null || row.version === null) return [];
  const { project_id: projectId, model_id: modelId, version_id: versionId, version, sha256 } = row;
  return [{ projectId, modelId, versionId, version, sha256, runtime: runtimeOf(row) }];
}

/** A file without a named runtime is ONNX: it was the only one when it was registered. */
function runtimeOf({ runtime, sha256 }: VersionRow): string | null {
  return runtime ?? (sha256 === null ? null : "onnx");
}

/** The plan of every endpoint, as the serving process takes it. */
export function planOf(intents: readonly Intent[]): ServingPlan {
  return new Map(intents.map(({ endpoint, plan }) => [endpoint, plan] as const));
}

async function intentOf(row: EndpointRow, armRows: readonly ArmPlanRow[], approvals: Approvals): Promise<Intent> {
  const isStopped = row.state === "stopped";
  const place = { endpointId: row.id, projectId: row.project_id };
  const approval = approvals.champions.get(row.version_id ?? "");
  const champion = await entryOf(row, row.id, { role: "is champion", approval });
  const arms: PlanArm[] = [];
  const refused: ArmResult[] = [];
  if (typeof champion === "object" && champion !== null) {
    arms.push({ armId: null, kind: "champion", share: 1, entry: champion });
    for (const armRow of armRows) {
      const arm = await armOf(armRow, champion, approvals.others.get(armRow.version_id ?? ""));
      if (typeof arm === "string") refused.push({ armId: armRow.arm_id, problem: arm });
      else if (arm) arms.push(arm);
    }
  } else
    for (const { arm_id: armId } of armRows)
      refused.push({ armId, problem: "The endpoint has no champion that may answer, so nothing shares its traffic." });
  const problem = typeof champion === "string" ? champion : null;
  const fallback = Fallback.nullable().safeParse(row.fallback);
  return {
    endpoint: row.name,
    isStopped,
    requestId: arms.length > 0 ? (approval?.proof?.requestId ?? null) : null,
    problem,
    refused,
    plan: {
      ...place,
      salt: row.salt,
      stopped: isStopped ? stoppedSentence(row.name, row.state_by, row.state_at, row.state_reason) : null,
      problem,
      fallback: fallback.success ? fallback.data : null,
      log: logRulesOf({ logShare: row.log_share, redaction: row.redaction }),
      arms,
    },
  };
}

/** The arm, a sentence that says why it cannot run, or null for one that the champion has become. */
async function armOf(
  row: ArmPlanRow,
  champion: PlanEntry,
  approval: ApprovalFinding | undefined,
): Promise<PlanArm | string | null> {
  const kind = ArmKind.parse(row.kind);
  if (row.version_id === champion.modelVersionId) return null;
  const needed = kind === "shadow" ? null : { role: `is to answer as ${kind}`, approval };
  const entry = await entryOf(row, row.endpoint_id, needed);
  if (entry === null) return `Version ${row.numbered} was deleted. End this arm.`;
  if (typeof entry === "string") return entry;
  const why = whyNotBeside(champion.signature, entry.signature, kind);
  if (why) return `Version ${entry.version} does not fit the traffic of version ${champion.version}: ${why}`;
  return { armId: row.arm_id, kind, share: kind === "shadow" ? 0 : row.share, entry };
}

/** What runs a version, a sentence that says why it cannot be served, or null without a version. Only a shadow needs no approval. */
async function entryOf(
  row: VersionRow,
  endpointId: string,
  needed: { readonly role: string; readonly approval: ApprovalFinding | undefined } | null,
): Promise<PlanEntry | string | null> {
  if (row.version_id === null || row.version === null) return null;
  const signature = ModelSignature.safeParse(row.signature);
  if (row.sha256 === null || !signature.success)
    return `Version ${row.version} has no ONNX file and no MLflow model that can be served. Register one that has.`;
  if (needed && !needed.approval?.proof)
    return `Version ${row.version} ${needed.role}, but ${needed.approval?.problem ?? "nothing proves it"}, so it is not served. Request its promotion.`;
  const golden = row.golden_sha256 === null ? undefined : await goldenOf(row.version_id, row.golden_sha256);
  if (golden === null)
    return `The golden rows of version ${row.version} are not those that it was registered with, so it is not served. Restore the database from a backup, or register the version again.`;
  let path: string;
  try {
    path = await localPath(row.sha256);
  } catch (error) {
    if (isAppError(error, "not_found")) return [error.message, error.place.remedy].filter(Boolean).join(" ");
    throw error;
  }
  return {
    endpointId,
    projectId: row.project_id,
    modelId: row.model_id,
    modelVersionId: row.version_id,
    version: row.version,
    sha256: row.sha256,
    path,
    signature: signature.data,
    runtime: VersionRuntime.safeParse(runtimeOf(row)).data,
    approval: needed?.approval?.proof ?? undefined,
    golden,
  };
}
