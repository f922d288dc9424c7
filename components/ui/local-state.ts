"use client";

import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Text kept in this browser under `touchstone.<key>`; null until set, and on the server. Shared by all who use the key. */
export function useLocalState(key: string): [string | null, (value: string | null) => void] {
  const name = `touchstone.${key}`;
  const value = useSyncExternalStore(
    subscribe,
    () => read(name),
    () => null,
  );
  const set = useCallback(
    (next: string | null) => {
      try {
        if (next === null) localStorage.removeItem(name);
        else localStorage.setItem(name, next);
      } catch {
        // A browser that forbids storage only loses the memory of a preference.
      }
      for (const listener of listeners) listener();
    },
    [name],
  );
  return [value, set];
}
