import { useSyncExternalStore } from "react";

/** The series under the cursor, shared by all charts and lists of the page: what is pointed at in one stands out in the others. */
let hovered: string | null = null;
const listeners = new Set<() => void>();

export function hoverSeries(id: string | null): void {
  if (hovered === id) return;
  hovered = id;
  for (const listener of listeners) listener();
}

/** Calls `act` when another series is pointed at, until the returned function is called. */
export function onHoveredSeries(act: () => void): () => void {
  listeners.add(act);
  return () => {
    listeners.delete(act);
  };
}

export const hoveredSeries = (): string | null => hovered;

export function useHoveredSeries(): string | null {
  return useSyncExternalStore(onHoveredSeries, hoveredSeries, () => null);
}

/** Whether this series is the one: who draws a series alone is told only when that changes. */
export function useIsHoveredSeries(id: string): boolean {
  return useSyncExternalStore(
    onHoveredSeries,
    () => hovered === id,
    () => false,
  );
}
