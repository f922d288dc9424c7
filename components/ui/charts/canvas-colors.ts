"use client";

import { useEffect, useState } from "react";
import { resolveColor } from "./export-png.ts";

/**
 * Tokens as colours that a canvas understands, in the theme that is shown. The function is another one after the theme changed, so that it can
 * stand among the dependencies of what draws.
 */
export function useCanvasColors(): (token: string) => string {
  const [colors, setColors] = useState(remembering);
  useEffect(() => {
    const change = (): void => setColors(remembering);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", change);
    const chosen = new MutationObserver(change);
    chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      dark.removeEventListener("change", change);
      chosen.disconnect();
    };
  }, []);
  return colors;
}

/** Reads each colour once: every reading makes the browser compute styles. Takes "var(--chart-1)", "--chart-1" or a colour. */
function remembering(): (token: string) => string {
  const known = new Map<string, string>();
  return (token) => {
    const name = /^(?:var\()?(--[\w-]+)\)?$/.exec(token)?.[1];
    if (name === undefined) return token;
    const color = known.get(name) ?? resolveColor(name);
    known.set(name, color);
    return color;
  };
}
