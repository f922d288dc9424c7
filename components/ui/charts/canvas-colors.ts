"use client";

import { useSyncExternalStore } from "react";
import { resolveColor } from "./export-png.ts";

/** Takes "var(--chart-1)", "--chart-1" or a colour. */
type Resolve = (token: string) => string;

let current = remembering();
/** The theme that `current` has read its colours in. */
let theme: string | null = null;
const listeners = new Set<() => void>();
let unwatch: (() => void) | undefined;

/**
 * Tokens as colours that a canvas understands, in the theme that is shown. The function is another one after the theme changed, so that it can
 * stand among the dependencies of what draws.
 */
export function useCanvasColors(): Resolve {
  return useSyncExternalStore(subscribe, read, read);
}

const read = (): Resolve => current;

/** Reads each colour once for all charts: every reading makes the browser compute styles. */
function remembering(): Resolve {
  const known = new Map<string, string>();
  return (token) => {
    const name = /^(?:var\()?(--[\w-]+)\)?$/.exec(token)?.[1];
    if (name === undefined) return token;
    const color = known.get(name) ?? resolveColor(name);
    known.set(name, color);
    return color;
  };
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) unwatch = watch();
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) unwatch?.();
  };
}

/** Forgets the colours when the theme changes, also while no chart was there to be told. */
function watch(): () => void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const change = (): void => {
    const shown = `${document.documentElement.dataset["theme"] ?? ""} ${dark.matches ? "dark" : "light"}`;
    const before = theme;
    theme = shown;
    if (before === null || before === shown) return;
    current = remembering();
    for (const listener of listeners) listener();
  };
  change();
  dark.addEventListener("change", change);
  const chosen = new MutationObserver(change);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    dark.removeEventListener("change", change);
    chosen.disconnect();
  };
}
