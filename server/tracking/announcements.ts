const EVERY_MS = 500;
const KEPT = 10_000;
const last = new Map<string, number>();

/**
 * Whether a change of a run should be announced now. A training loop logs hundreds of times a second and every announcement takes a lock that all
 * commits share, so one per run and half second is enough; pages of a running run look again by themselves, and its end is always announced.
 */
export function isDue(runId: string, now: number = Date.now()): boolean {
  if (now - (last.get(runId) ?? 0) < EVERY_MS) return false;
  last.delete(runId);
  last.set(runId, now);
  // The oldest entries stand first; forgetting one only means to announce once too often.
  for (const id of last.keys()) {
    if (last.size <= KEPT) break;
    last.delete(id);
  }
  return true;
}
