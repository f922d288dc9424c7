import type { Evidence, Judgement } from "./verdict.ts";

/** How the difference is spoken of. */
export type Wording = {
  /** Plural noun of what was compared: "flights", "customers". */
  readonly rows: string;
  /**
   * "points": the difference is a share and is shown times 100, as in "0.9 points"; otherwise the unit that follows the number, such as "AUC" or
   * "minutes".
   */
  readonly unit: "points" | (string & {});
};

/**
 * One plain sentence for the reviewer: "On 8,412 flights the challenger is better by 0.9 points, at least 0.2." Decimals are added until the
 * rounded numbers tell the same story as the exact ones (a bound above 0 is not shown as 0.0).
 */
export function verdictSentence(evidence: Evidence, judgement: Judgement, wording: Wording): string {
  const { difference, low, high, margin } = evidence;
  const rows = `${count(evidence.n)} ${wording.rows}`;
  const show = scale(wording.unit, [difference, low, high, margin, low + margin, high + margin]);
  const unit = wording.unit === "points" ? "points" : wording.unit;
  const size = (value: number): string => show(Math.abs(value));
  switch (judgement.reason) {
    case "problems":
      return `The comparison does not count: ${(evidence.problems ?? []).join("; ")}.`;
    case "numbers":
      return "The comparison does not count: its numbers contradict each other.";
    case "too_few":
      return evidence.n === 0
        ? `No ${wording.rows} were compared, so nothing can be concluded; at least ${count(evidence.minimumN)} are needed.`
        : `On ${rows} nothing can be concluded; at least ${count(evidence.minimumN)} are needed.`;
    case "above_zero":
      return `On ${rows} the challenger is better by ${size(difference)} ${unit}, at least ${size(low)}.`;
    case "within_margin":
      return `On ${rows} the challenger ${compared(difference, size, unit)}${worst(low, margin, size)}.`;
    case "below_margin":
      return `On ${rows} the challenger is worse by ${size(difference)} ${unit}, at least ${size(high)}${allowed(margin, size)}.`;
    case "wide":
      return judgement.worse
        ? `On ${rows} the challenger is worse by ${size(difference)} ${unit}, at least ${size(high)}; whether it stays within the ${size(margin)} allowed is not shown.`
        : `On ${rows} the difference is ${signed(difference, show)} ${unit}, between ${signed(low, show)} and ${signed(high, show)}: not enough to conclude.`;
  }
}

function compared(difference: number, size: (value: number) => string, unit: string): string {
  if (Number(size(difference)) === 0) return "is as good as the champion";
  return difference > 0 ? `is better by ${size(difference)} ${unit}` : `is worse by ${size(difference)} ${unit}`;
}

function worst(low: number, margin: number, size: (value: number) => string): string {
  if (low > 0) return `, at least ${size(low)} by the interval, but the exact test does not confirm it`;
  return low === 0 ? "" : `, at worst ${size(low)} worse${allowed(margin, size)}`;
}

function allowed(margin: number, size: (value: number) => string): string {
  return margin > 0 ? `, where ${size(margin)} are allowed` : "";
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}

function signed(value: number, show: (value: number) => string): string {
  const text = show(Math.abs(value));
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A formatter with as few decimals as keep every one of the numbers that is not 0 apart from 0. */
function scale(unit: string, matters: readonly number[]): (value: number) => string {
  const factor = unit === "points" ? 100 : 1;
  const first = unit === "points" ? 1 : 3;
  const enough = (digits: number): boolean =>
    matters.every((value) => Math.abs(value) < 1e-9 || Number(Math.abs(value * factor).toFixed(digits)) > 0);
  let digits = first;
  while (digits < first + 3 && !enough(digits)) digits++;
  return (value) => (value * factor).toFixed(digits);
}
