"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { noteMove } from "./address.ts";

/**
 * The search that was just written into the address while the router has not yet said so: it tells its hooks in a transition,
 * which under load comes visibly later than the click. Null once the router has caught up.
 */
let written: string | null = null;
const listeners = new Set<() => void>();

function setWritten(next: string | null): void {
  if (written === next) return;
  written = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** What was written, as long as the address still says so: a navigation in between wins. */
function readWritten(): string | null {
  return written !== null && written === new URLSearchParams(window.location.search).toString() ? written : null;
}

/**
 * Sets or removes (null or empty) search parameters of the address without asking the server for the page again; every hook of
 * this file sees the change at once. Replaces the history entry unless `push`.
 */
export function setSearchParams(changes: Record<string, string | null>, options: { push?: boolean } = {}): void {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href === window.location.href) return;
  if (options.push === true) window.history.pushState(null, "", url);
  else window.history.replaceState(null, "", url);
  noteMove();
  setWritten(url.searchParams.toString());
}

/** The address's search parameters, up to date with setSearchParams. */
export function useSearch(): URLSearchParams {
  const routed = useSearchParams().toString();
  const fresh = useSyncExternalStore(subscribe, readWritten, () => null);
  useEffect(() => {
    if (routed === written) setWritten(null);
  }, [routed]);
  return useMemo(() => new URLSearchParams(fresh ?? routed), [fresh, routed]);
}

/** One text value kept in the address; the fallback is left out of it. */
export function useUrlState(name: string, fallback = ""): [string, (value: string) => void] {
  const value = useSearch().get(name) ?? fallback;
  const set = useCallback(
    (next: string) => setSearchParams({ [name]: next === fallback ? null : next }),
    [name, fallback],
  );
  return [value, set];
}
