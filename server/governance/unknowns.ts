import type { CheckDto } from "./contract.ts";

/** What the evidence does not show, in sentences: a reviewer must see its limits beside its results. */
export function unknownsOf(checks: readonly CheckDto[], hasChampion: boolean): string[] {
  const sentences: string[] = [];
  for (const { checkId, evidence } of checks) {
    if (evidence.kind !== "holdout") continue;
    if (evidence.dropped > 0)
      sentences.push(
        `${checkId}: ${evidence.dropped} ${evidence.dropped === 1 ? "row" : "rows"} without a label or a feature were left out; nothing is known of them.`,
      );
    if (evidence.detectable !== null && evidence.detectable > evidence.margin && evidence.margin > 0)
      sentences.push(
        `${checkId}: with ${evidence.n} rows a difference below ${(evidence.detectable * 100).toFixed(1)} points would probably go unnoticed, although only ${(evidence.margin * 100).toFixed(1)} are allowed.`,
      );
    sentences.push(`${checkId}: the author can read the hold-out, so the model may have been chosen on it.`);
  }
  const seen = new Set<string>();
  const unique = sentences.filter((sentence) => !seen.has(sentence) && seen.add(sentence));
  return [
    ...unique,
    ...(hasChampion
      ? []
      : ["There is no champion yet, so nothing says whether this is better than what is done today."]),
    "Groups of people or cases were not compared: the policy asks for no check by group.",
    "Every check ran on stored rows on one machine: how fast and how well the model answers live requests, none of them says.",
  ];
}
