<<<<<<< HEAD
=======
import { type ApprovalFinding, findApprovals } from "#server/governance/index.ts";
import { pool, prisma } from "#server/platform/db.ts";
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
import { localPath } from "#server/platform/objects.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { ModelSignature } from "#server/registry/contract.ts";
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
<<<<<<< HEAD
  /** Arms that cannot run, and why. */
  readonly refused: readonly ArmResult[];
}

/**
 * What every endpoint should do now: serve the champion of its model, if an approved promotion request names exactly that version, and beside it the
 * arms that were started. An alias or an arm's row alone is not believed: whoever writes one past governance gets nothing served.
 */
export async function readIntents(): Promise<Intent[]> {
  const [endpoints, arms] = await Promise.all([readEndpoints(), readArms()]);
  const byEndpoint = Map.groupBy(arms, (arm) => arm.endpoint_id);
  return await Promise.all(endpoints.map((row) => intentOf(row, byEndpoint.get(row.id) ?? [])));
}

/** The plan of every endpoint, as the serving process takes it. */
=======
}

interface Row {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly state: string;
  readonly state_reason: string;
  readonly state_by: string | null;
  readonly state_at: Date | null;
  readonly model_id: string;
  readonly version_id: string | null;
  readonly version: number | null;
  readonly sha256: string | null;
  readonly signature: unknown;
  readonly runtime: string | null;
}

/**
 * What every endpoint should do now: serve the champion of its model, if a completed promotion request with enough signed approvals names exactly that version and
 * file. Nothing else in the database is believed: whoever edits it past governance gets nothing served.
 */
export async function readIntents(): Promise<Intent[]> {
  const { rows } = await pool().query<Row>(
    `select e.id, e.project_id, e.name, e.state, e.state_reason, e.state_by, e.state_at,
            e.model_id, v.id as version_id, v.version, v.sha256, v.signature, v.runtime
     from endpoints e
     join projects p on p.id = e.project_id and p.archived_at is null
     left join model_aliases a on a.model_id = e.model_id and a.alias = 'champion'
     left join model_versions v on v.id = a.version_id and v.model_id = e.model_id and v.project_id = e.project_id
       and v.deleted_at is null
     order by e.name`,
  );
  const approvals = await findApprovals(prisma(), rows.flatMap(versionOf), "champion");
  return await Promise.all(rows.map((row) => intentOf(row, approvals.get(row.version_id ?? ""))));
}

function versionOf(row: Row) {
  if (row.version_id === null || row.version === null) return [];
  return [
    {
      projectId: row.project_id,
      modelId: row.model_id,
      versionId: row.version_id,
      version: row.version,
      sha256: row.sha256,
      runtime: runtimeOf(row),
    },
  ];
}

/** A file without a named runtime is ONNX: it was the only one when it was registered. */
const runtimeOf = ({ runtime, sha256 }: Row): string | null => runtime ?? (sha256 === null ? null : "onnx");

/** The intents that name a version, as the serving process takes them. */
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
export function planOf(intents: readonly Intent[]): ServingPlan {
  return new Map(intents.map(({ endpoint, plan }) => [endpoint, plan] as const));
}

<<<<<<< HEAD
async function intentOf(row: EndpointRow, armRows: readonly ArmPlanRow[]): Promise<Intent> {
  const isStopped = row.state === "stopped";
  const place = { endpointId: row.id, projectId: row.project_id };
  const champion = await entryOf(row, place, "is champion", true);
  const arms: PlanArm[] = [];
  const refused: ArmResult[] = [];
  if (typeof champion === "object" && champion !== null) {
    arms.push({ armId: null, kind: "champion", share: 1, entry: champion });
    for (const armRow of armRows) {
      const arm = await armOf(armRow, place, champion);
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
    requestId: arms.length > 0 ? row.request_id : null,
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
  place: Pick<PlanEntry, "endpointId" | "projectId">,
  champion: PlanEntry,
): Promise<PlanArm | string | null> {
  const kind = ArmKind.parse(row.kind);
  if (row.version_id === champion.modelVersionId) return null;
  const entry = await entryOf(row, place, `is to answer as ${kind}`, kind !== "shadow");
  if (entry === null) return `Version ${row.numbered} was deleted. End this arm.`;
  if (typeof entry === "string") return entry;
  const why = whyNotBeside(champion.signature, entry.signature, kind);
  if (why) return `Version ${entry.version} does not fit the traffic of version ${champion.version}: ${why}`;
  return { armId: row.arm_id, kind, share: kind === "shadow" ? 0 : row.share, entry };
}

/** What runs a version, a sentence that says why it cannot be served, or null without a version. */
async function entryOf(
  row: VersionRow,
  place: Pick<PlanEntry, "endpointId" | "projectId">,
  role: string,
  answers: boolean,
): Promise<PlanEntry | string | null> {
  if (row.version_id === null || row.version === null) return null;
  if (answers && row.request_id === null)
    return `Version ${row.version} ${role}, but no approved promotion request names it, so it is not served. Request its promotion.`;
  const signature = ModelSignature.safeParse(row.signature);
  if (row.sha256 === null || !signature.success)
    return `Version ${row.version} has no ONNX file that can be served. Register one that has.`;
=======
async function intentOf(row: Row, approval: ApprovalFinding | undefined): Promise<Intent> {
  const isStopped = row.state === "stopped";
  const known = { endpointId: row.id, projectId: row.project_id, endpoint: row.name, isStopped };
  const refused = (problem: string | null): Intent => ({ ...known, entry: null, requestId: null, problem });
  if (row.version_id === null || row.version === null) return refused(null);
  const signature = ModelSignature.safeParse(row.signature);
  if (row.sha256 === null || !signature.success)
    return refused(`Version ${row.version} has no ONNX file that can be served. Register one that has.`);
  if (!approval?.proof)
    return refused(
      `Version ${row.version} is champion, but ${approval?.problem ?? "nothing proves it"}, so it is not served. Request its promotion.`,
    );
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
  let path: string;
  try {
    path = await localPath(row.sha256);
  } catch (error) {
    if (isAppError(error, "not_found")) return [error.message, error.place.remedy].filter(Boolean).join(" ");
    throw error;
  }
<<<<<<< HEAD
  return {
    ...place,
=======
  const entry: PlanEntry = {
    endpointId: row.id,
    projectId: row.project_id,
    modelId: row.model_id,
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
    modelVersionId: row.version_id,
    version: row.version,
    sha256: row.sha256,
    path,
    signature: signature.data,
<<<<<<< HEAD
  };
=======
    runtime: runtimeOf(row) ?? undefined,
    approval: approval.proof,
    ...(isStopped ? { stopped: stoppedSentence(row.name, row.state_by, row.state_at, row.state_reason) } : {}),
  };
  return { ...known, entry, requestId: approval.proof.requestId, problem: null };
>>>>>>> 7d45029 (Sign each approval, and serve nothing that the needed people did not sign for)
}
