import type { CandidateDto, SelectionDto, SelectionRule } from "./selections-contract.ts";

/** A run as a rule sees it. */
export interface Candidate {
  readonly runId: string;
  readonly name: string;
  readonly startTime: number;
  /** Latest values; null is NaN. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Whether the constraints hold. */
  readonly meets: boolean;
}

type Ranked = Pick<SelectionDto, "total" | "eligible" | "chosen" | "candidates" | "notes">;

/** Infinities are stored as the greatest numbers. */
const INFINITE = 1.7976931348623157e308;
const shown = (value: number): string =>
  value >= INFINITE ? "infinity" : value <= -INFINITE ? "-infinity" : String(value);
const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

/** Applies a rule: excludes what has no number or fails the constraints, ranks the rest, breaks ties, and says what it met on the way. */
export function rankCandidates(candidates: readonly Candidate[], rule: SelectionRule): Ranked {
  const excluded: CandidateDto[] = [];
  const ranked: { candidate: Candidate; value: number; ties: (number | null)[] }[] = [];
  const reasons = new Map<string, number>();
  for (const candidate of candidates) {
    const value = candidate.metrics[rule.metric];
    const ties = rule.tieBreak.map((tie) => candidate.metrics[tie.metric] ?? null);
    const why =
      value === undefined
        ? `${rule.metric} was not logged`
        : value === null
          ? `${rule.metric} is NaN`
          : candidate.meets
            ? null
            : "the constraints do not hold";
    if (why === null && typeof value === "number") ranked.push({ candidate, value, ties });
    else {
      reasons.set(why ?? "", (reasons.get(why ?? "") ?? 0) + 1);
      excluded.push({
        runId: candidate.runId,
        name: candidate.name,
        value: value ?? null,
        ties,
        state: "excluded",
        why,
      });
    }
  }
  const better = (a: number | null, b: number | null, direction: SelectionRule["direction"]): number => {
    if (a === b) return 0;
    // A tie-breaking metric that is missing loses.
    if (a === null) return 1;
    if (b === null) return -1;
    return direction === "maximize" ? b - a : a - b;
  };
  const byTies = (a: (typeof ranked)[number], b: (typeof ranked)[number]): number => {
    for (const [i, tie] of rule.tieBreak.entries()) {
      const order = better(a.ties[i] ?? null, b.ties[i] ?? null, tie.direction);
      if (order !== 0) return Math.sign(order);
    }
    return 0;
  };
  ranked.sort(
    (a, b) =>
      Math.sign(better(a.value, b.value, rule.direction)) ||
      byTies(a, b) ||
      a.candidate.startTime - b.candidate.startTime ||
      (a.candidate.runId < b.candidate.runId ? -1 : 1),
  );
  const [best] = ranked;
  /** Why a run with the same value was not taken: what decided between it and the best. */
  const against = (one: (typeof ranked)[number], taken: (typeof ranked)[number]): string => {
    const i = rule.tieBreak.findIndex((_, at) => (one.ties[at] ?? null) !== (taken.ties[at] ?? null));
    const tie = rule.tieBreak[i];
    if (tie) {
      const word = tie.direction === "maximize" ? "greatest" : "least";
      return `as good, but ${one.ties[i] === null ? `${tie.metric} is missing` : `not the ${word} ${tie.metric}`}`;
    }
    return one.candidate.startTime === taken.candidate.startTime
      ? "as good, and started at the same time: the smaller run id was taken"
      : "as good, but started later";
  };
  const tied = best ? ranked.filter((one) => one.value === best.value) : [];
  const stillTied = best ? tied.filter((one) => byTies(one, best) === 0) : [];
  const notes: string[] = [];
  for (const [why, n] of reasons) notes.push(`${count(n, "run")} left out: ${why}.`);
  if (!best) notes.unshift(candidates.length === 0 ? "There are no candidates." : "No candidate meets the rule.");
  if (best && tied.length > 1) {
    const by = rule.tieBreak.map((tie) => tie.metric).join(", ");
    notes.push(
      stillTied.length === 1
        ? `${count(tied.length, "run")} have ${rule.metric} ${shown(best.value)}; ${by} decided.`
        : `${count(stillTied.length, "run")} are equal in ${[rule.metric, ...rule.tieBreak.map((tie) => tie.metric)].join(", ")}; ${
            stillTied.every((one) => one.candidate.startTime === best.candidate.startTime)
              ? "they started at the same time, so the smallest run id was taken"
              : "the one that started first was taken"
          }.`,
    );
  }
  return {
    total: candidates.length,
    eligible: ranked.length,
    chosen: best ? { runId: best.candidate.runId, name: best.candidate.name, value: best.value } : null,
    candidates: [
      ...ranked.map((one, i): CandidateDto => {
        const { candidate, value, ties } = one;
        const why = i > 0 && best && value === best.value ? against(one, best) : null;
        return {
          runId: candidate.runId,
          name: candidate.name,
          value,
          ties,
          state: i === 0 ? "chosen" : why === null ? "beaten" : "tied",
          why,
        };
      }),
      ...excluded,
    ],
    notes,
  };
}
