import type { Direction, SelectionRule } from "./selections-contract.ts";

/** A rule in words: "greatest accuracy where params.algo = 'gbm'". */
export function ruleText(rule: SelectionRule): string {
  const wordOf = (direction: Direction): string => (direction === "maximize" ? "greatest" : "least");
  const where = rule.constraints === "" ? "" : ` where ${rule.constraints}`;
  const ties = rule.tieBreak.map((tie) => `${wordOf(tie.direction)} ${tie.metric}`).join(", then ");
  return `${wordOf(rule.direction)} ${rule.metric}${where}${ties === "" ? "" : `; ties: ${ties}`}`;
}
