import type { Stroke } from "#components/ui/charts/palette.ts";

const HUES = [1, 2, 3, 4, 5, 6].map((n) => `var(--chart-${n})`);
const DASHES = [undefined, "6 3", "2 3"];
const SLOTS = HUES.length * DASHES.length;

/** FNV-1a over the id: where a run's search for a stroke begins. */
function hashed(id: string): number {
  let hash = 0x811c9dc5;
  for (const c of id) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/**
 * A stroke for each run that depends on the runs alone, not on their order. Every run begins at the hue of its id and takes the next that is free, so two
 * of few runs never look alike and a run mostly keeps its colour among others; beyond the six hues dashes tell them apart.
 */
export function runStrokes(ids: readonly string[]): ReadonlyMap<string, Stroke> {
  const strokes = new Map<string, Stroke>();
  const taken = new Map<number, number>();
  for (const id of [...new Set(ids)].sort()) {
    const first = hashed(id) % HUES.length;
    const uses = Math.min(...HUES.map((_, hue) => taken.get(hue) ?? 0));
    const hue = HUES.map((_, i) => (first + i) % HUES.length).find((h) => (taken.get(h) ?? 0) === uses) ?? first;
    taken.set(hue, uses + 1);
    strokes.set(id, {
      color: HUES[hue] ?? "var(--chart-1)",
      dash: DASHES[Math.floor(((uses * HUES.length) % SLOTS) / HUES.length)],
    });
  }
  return strokes;
}
