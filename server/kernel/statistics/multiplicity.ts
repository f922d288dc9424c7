/** How p-values of several tests are corrected before they are compared with alpha. */
export type Correction = "holm" | "benjamini_hochberg" | "none";

/**
 * p-values adjusted for the number of tests, in the order given; a test is significant when its adjusted p ≤ alpha.
 * - `holm` (Holm 1979): the chance of even one false alarm among all tests stays below alpha, whatever their dependence;
 * - `benjamini_hochberg` (1995): of the alarms raised, on average at most alpha are false (independent or positively dependent tests).
 *
 * Equal to statsmodels `multipletests` (`holm`, `fdr_bh`). RangeError for a p outside [0, 1].
 */
export function adjust(ps: readonly number[], correction: Correction): number[] {
  for (const p of ps) if (!(p >= 0 && p <= 1)) throw new RangeError(`a p-value is between 0 and 1, not ${p}`);
  if (correction === "none") return [...ps];
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  if (correction === "holm") {
    let highest = 0;
    order.forEach(({ p, index }, rank) => {
      highest = Math.max(highest, Math.min(1, p * (ps.length - rank)));
      adjusted[index] = highest;
    });
    return adjusted;
  }
  let lowest = 1;
  for (const [rank, { p, index }] of [...order.entries()].reverse()) {
    lowest = Math.min(lowest, (p * ps.length) / (rank + 1));
    adjusted[index] = lowest;
  }
  return adjusted;
}
