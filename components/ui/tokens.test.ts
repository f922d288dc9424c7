import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** Reads `--name: light-dark(#light, #dark)` lines of the one file that holds the colours. */
function readTokens(): Map<string, [string, string]> {
  const css = readFileSync(new URL("../../app/globals.css", import.meta.url), "utf8");
  const found = new Map<string, [string, string]>();
  for (const [, name, light, dark] of css.matchAll(/--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)/g)) {
    if (name && light && dark) found.set(name, [light, dark]);
  }
  return found;
}

/** Relative luminance of an sRGB colour `#rrggbb`, 0 to 1 (WCAG 2.2, definition of relative luminance). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const grounds = ["bg", "surface", "raised"];
const words = ["text", "muted", "gold", "steel", "good", "bad", "warn", "info"];
const pairs: [string, string, number][] = [
  ...words.flatMap((word) => grounds.map((ground): [string, string, number] => [word, ground, 4.5])),
  ...["gold", "steel", "good", "bad", "warn", "info"].flatMap((tone): [string, string, number][] => [
    [tone, `${tone}-soft`, 4.5],
    ["text", `${tone}-soft`, 4.5],
    ["muted", `${tone}-soft`, 4.5],
  ]),
  ["on-ink", "ink", 4.5],
  ["on-ink", "ink-hover", 4.5],
  ["on-bad", "bad-fill", 4.5],
  ["on-bad", "bad-fill-hover", 4.5],
  // Edges of controls, focus rings and chart strokes are graphics: 3 to 1 (WCAG 2.2, 1.4.11).
  ...["line-strong", "gold-fill", "steel-fill", "ink", ...[1, 2, 3, 4, 5, 6].map((n) => `chart-${n}`)].flatMap((mark) =>
    grounds.map((ground): [string, string, number] => [mark, ground, 3]),
  ),
];

describe("colour tokens", () => {
  const tokens = readTokens();
  for (const [side, theme] of ["light", "dark"].entries()) {
    it.each(pairs)(`${theme}: %s on %s reaches %d`, (front, back, least) => {
      const a = tokens.get(front)?.[side];
      const b = tokens.get(back)?.[side];
      expect(a, `token --${front}`).toBeDefined();
      expect(b, `token --${back}`).toBeDefined();
      expect(contrast(a ?? "", b ?? "")).toBeGreaterThanOrEqual(least);
    });
  }
});
