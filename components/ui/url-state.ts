"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/**
 * Sets or removes (null or empty) search parameters of the address without asking the server for the page again;
 * useSearchParams sees the change. Replaces the history entry unless `push`.
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
}

/** One text value kept in the address; the fallback is left out of it. */
export function useUrlState(name: string, fallback = ""): [string, (value: string) => void] {
  const value = useSearchParams().get(name) ?? fallback;
  const set = useCallback(
    (next: string) => setSearchParams({ [name]: next === fallback ? null : next }),
    [name, fallback],
  );
  return [value, set];
}
