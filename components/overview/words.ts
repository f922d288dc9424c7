import { formatDate, formatNumber, formatPercent } from "#components/ui/format.ts";
import type { Promotion, Score } from "#server/overview/contract.ts";

/** "between 1 Jul 2013 and 31 Dec 2013", or "on 1 Jul 2013". */
export function spanOf({ from, to }: Score): string {
  return from === to ? `on ${formatDate(from)}` : `between ${formatDate(from)} and ${formatDate(to)}`;
}

/** How well a version did, in words, with the count and interval that make it believable. */
export function scoreSentence(score: Score, rows: string): string {
  const count = `${formatNumber(score.n)} ${rows} whose outcome is known`;
  if (score.kind === "share") {
    const range =
      score.low === null || score.high === null ? "" : ` (${formatPercent(score.low)} to ${formatPercent(score.high)})`;
    return `It was right for ${formatPercent(score.value)} of ${count}${range}, ${spanOf(score)}.`;
  }
  const range =
    score.low === null || score.high === null ? "" : ` (${formatNumber(score.low)} to ${formatNumber(score.high)})`;
  return `It was off by ${formatNumber(score.value)} on average for ${count}${range}, ${spanOf(score)}.`;
}

/** Where nothing can be said about a version yet, and why. */
export function noScoreSentence(predictions: number, rows: string): string {
  if (predictions === 0) return "It has not been asked yet, so nothing is known about how well it does.";
  const verb = rows === "predictions" ? "made" : "answered for";
  return `It has ${verb} ${formatNumber(predictions)} ${rows}, but none of their outcomes is known yet.`;
}

/** What a promotion changed in production: both versions side by side, and only what their intervals allow to be said. */
export function effectSentence(promotion: Pick<Promotion, "score" | "baseScore" | "rows" | "baseVersion">): string {
  const { score, baseScore, rows, baseVersion } = promotion;
  if (!score) return `No outcome of its ${rows} is known yet, so its effect is not known.`;
  const figure = (each: Score): string =>
    each.kind === "share"
      ? `right for ${formatPercent(each.value)} of ${formatNumber(each.n)} ${rows}`
      : `off by ${formatNumber(each.value)} on average for ${formatNumber(each.n)} ${rows}`;
  if (!baseScore || baseScore.kind !== score.kind) return `In production it was ${figure(score)}.`;
  const apart =
    score.low !== null && score.high !== null && baseScore.low !== null && baseScore.high !== null
      ? score.low > baseScore.high || score.high < baseScore.low
      : false;
  const better = score.kind === "share" ? score.value > baseScore.value : score.value < baseScore.value;
  const verdict = apart
    ? `That is ${better ? "better" : "worse"}, though the two answered for different ${rows}.`
    : "The difference is within what chance explains.";
  return `In production it was ${figure(score)}; version ${baseVersion ?? "before"} was ${figure(baseScore)}. ${verdict}`;
}

/** "Bob Keller", "Bob Keller and Rita Ost". */
export function names(people: readonly string[]): string {
  return people.length < 2 ? (people[0] ?? "nobody") : `${people.slice(0, -1).join(", ")} and ${people.at(-1) ?? ""}`;
}
