/** The hue of a run's id, 1 to 6: the same wherever the run is drawn. FNV-1a over the id. */
function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const c of id) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
  return ((hash >>> 0) % 6) + 1;
}

/** The colour of a run: the hue chosen for it, else that of its id. */
export function runColor(id: string, chosen: number | null | undefined): string {
  return `var(--chart-${chosen ?? hueOf(id)})`;
}
