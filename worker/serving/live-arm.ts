import { ARM_CODES, type PlanArm } from "#server/serving/contract.ts";
import type { ArmStats } from "./arm-stats.ts";
import type { LiveModel } from "./live-model.ts";
import type { RecordWriter } from "./prediction-records.ts";
import type { Shadow } from "./shadow.ts";

/** A version in a role: what the router chooses. */
export interface LiveArm {
  readonly kind: "champion" | "canary" | "ab";
  /** As the log writes the role. */
  readonly code: number;
  readonly model: LiveModel;
  readonly stats: ArmStats;
  /** Members of an answer's JSON object that say who answered. */
  readonly told: string;
  readonly record: RecordWriter;
  /** What else is to score the rows that it answers. */
  readonly shadows: readonly Shadow[];
}

/** The role of an arm that answers, and what says so in an answer. */
export function roleOf(
  kind: Exclude<PlanArm["kind"], "shadow">,
  version: number,
): Pick<LiveArm, "kind" | "code" | "told"> {
  return { kind, code: ARM_CODES[kind], told: `"arm":"${kind}","version":"${version}"` };
}
