import {
  compareSignatures,
  type ModelSignature,
  servingProblems,
  type SignatureDifference,
} from "#server/registry/contract.ts";
import type { ArmKind } from "./arms-contract.ts";

/**
 * Why a version cannot take part in a champion's traffic, in a sentence that names the place; null when it can. An arm that answers must take what
 * callers send and answer what they read. A shadow reads the champion's rows: it may need fewer inputs, and give other outputs.
 */
export function whyNotBeside(champion: ModelSignature, candidate: ModelSignature, kind: ArmKind): string | null {
  const [problem] = servingProblems(candidate);
  if (problem) return problem;
  const differs = compareSignatures(champion, candidate).find(
    (difference) => difference.breaking && (kind !== "shadow" || hindersShadow(difference, candidate)),
  );
  return differs?.sentence ?? null;
}

function hindersShadow({ part, name }: SignatureDifference, candidate: ModelSignature): boolean {
  return part === "input" && candidate.inputs.some((input) => input.name === name);
}
