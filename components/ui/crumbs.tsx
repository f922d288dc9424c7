"use client";

import { useEffect, useSyncExternalStore } from "react";

export type Crumb = { label: string; href?: string | undefined };

const none: readonly Crumb[] = [];
let current: readonly Crumb[] = none;
const listeners = new Set<() => void>();

function setCrumbs(items: readonly Crumb[]): void {
  current = items;
  for (const listener of listeners) listener();
}

/** Hands the page's own breadcrumb steps to the top bar; draws nothing itself. */
export function Crumbs({ items }: { items: readonly Crumb[] }) {
  const key = JSON.stringify(items);
  useEffect(() => {
    const mine = JSON.parse(key) as readonly Crumb[];
    setCrumbs(mine);
    // A page that is left after the next has already spoken must not wipe the next one's steps.
    return () => {
      if (current === mine) setCrumbs(none);
    };
  }, [key]);
  return null;
}

/** The steps of the page that is shown; empty on the server. */
export function useCrumbs(): readonly Crumb[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
    () => none,
  );
}
