import type { Stroke } from "#components/ui/charts/palette.ts";

const HUES = [1, 2, 3, 4, 5, 6].map((n) => `var(--chart-${n})`);
const DASHES = [undefined, "6 3", "2 3"];

/** FNV-1a over the id: where a run's search for a stroke begins. */
function hashed(id: string): number {
  let hash = 0x811c9dc5;
  for (const c of id) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/**
 * A stroke for each run that depends on the runs alone, not on their order. A run with a chosen hue (1 to 6) has it; every other begins at the hue of its id
 * and takes the next that is free, so two of few runs never look alike and a run mostly keeps its colour among others. Runs of one hue, be it because more
 * than six are compared or because a person gave several the same, are told apart by dashes.
 */
export function runStrokes(
  ids: readonly string[],
  chosen: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, Stroke> {
  const strokes = new Map<string, Stroke>();
  const taken = new Map<number, number>();
  const take = (id: string, hue: number): void => {
    const uses = taken.get(hue) ?? 0;
    taken.set(hue, uses + 1);
    strokes.set(id, { color: HUES[hue] ?? "var(--chart-1)", dash: DASHES[uses % DASHES.length] });
  };
  const sorted = [...new Set(ids)].sort();
  for (const id of sorted) {
    const hue = chosen.get(id);
    if (hue !== undefined) take(id, hue - 1);
  }
  for (const id of sorted) {
    if (strokes.has(id)) continue;
    const first = hashed(id) % HUES.length;
    const uses = Math.min(...HUES.map((_, hue) => taken.get(hue) ?? 0));
    take(id, HUES.map((_, i) => (first + i) % HUES.length).find((h) => (taken.get(h) ?? 0) === uses) ?? first);
  }
  return strokes;
}
