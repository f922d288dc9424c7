import type { ArmDto, ArmKind, SampleRatio, ServedArm } from "#server/serving/contract.ts";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";

/** What each role in an endpoint's traffic is called. */
export const ARM_NAMES: Readonly<Record<ServedArm, string>> = {
  champion: "Champion",
  canary: "Canary",
  ab: "A/B",
  shadow: "Shadow",
  fallback: "Fallback",
};

/** The same within a sentence. */
export const ARM_IN_TEXT: Readonly<Record<ServedArm, string>> = {
  champion: "the champion",
  canary: "the canary",
  ab: "the A/B",
  shadow: "the shadow",
  fallback: "the fallback",
};

/** A share of the requests with as many decimals as it has: 0.2 is "20%", 0.0525 is "5.25%". */
export function shareText(share: number): string {
  const parts = Math.round(share * 10_000);
  return formatPercent(share, parts % 100 === 0 ? 0 : parts % 10 === 0 ? 1 : 2);
}

/** What a person typed as percent, as a share with four decimals; NaN for no number. "5,5" is read as 5.5. */
export function shareOf(percent: string): number {
  const text = percent.trim().replace(",", ".").replace(/\s*%$/, "");
  return text === "" ? Number.NaN : Math.round(Number(text) * 100) / 10_000;
}

/** The share of a person's field, in percent without its sign. */
export function percentOf(share: number): string {
  return String(Math.round(share * 10_000) / 100);
}

/** Who answers which share now. An arm that does not run leaves its share to the champion. */
export function splitOf(arms: readonly ArmDto[]): { readonly arm: ArmDto | null; readonly champion: number } {
  const arm = arms.find((one) => one.kind !== "shadow" && one.state === "running") ?? null;
  return { arm, champion: arm ? Math.max(0, 1 - arm.share) : 1 };
}

/** What starting a version will do, before it is done. */
export function startConsequence(kind: ArmKind, version: string, share: number): string {
  const who = version === "" ? "the version" : `version ${version}`;
  if (kind === "shadow")
    return `Within a second ${who} scores the rows that the champion answers. Callers notice nothing: its predictions are logged beside the champion's, and what it cannot keep up with is skipped.`;
  if (!(share > 0 && share <= 1)) return `Say which share of the requests ${who} is to answer.`;
  const rest = `${shareText(1 - share)} stay with the champion`;
  if (kind === "ab")
    return `Within a second ${who} answers ${shareText(share)} of the requests, ${rest}. Who sends an entity key is always answered by the same version. The split stays fixed until it is ended.`;
  return `Within a second ${who} answers ${shareText(share)} of the requests, ${rest}. Whoever is answered by it keeps it when the share grows.`;
}

/** Whether the requests were split as declared, for a reader who knows no statistics. */
export function ratioSentence({ unit, champion, arm, declared, observed, p, verdict }: SampleRatio): string {
  const [one, many] = unit === "entity" ? ["entity", "entities"] : ["request", "requests"];
  const n = champion + arm;
  if (n === 0 || observed === null) return "Nothing has been counted since the share is what it is.";
  const counts = `${formatNumber(arm)} of ${plural(n, one, many)} went to the arm: ${formatPercent(observed, 2)}, declared were ${shareText(declared)}.`;
  if (verdict === "insufficient") return `${counts} Too few to tell whether the split is as declared.`;
  const odds = p === null ? "" : ` Chance alone would give a gap this large ${oddsText(p)}.`;
  return verdict === "broken"
    ? `${counts}${odds} The split is not what was declared, so nothing below compares like with like.`
    : `${counts}${odds} The split is as declared.`;
}

function oddsText(p: number): string {
  if (p >= 0.995) return "nearly always";
  if (p >= 0.01) return `in ${Math.round(p * 100)} of 100 cases`;
  return p < 1e-6
    ? "less than once in a million cases"
    : `in ${formatNumber(Math.max(1, Math.round(p * 1e6)))} of 1,000,000 cases`;
}
