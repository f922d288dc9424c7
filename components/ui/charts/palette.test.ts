import { describe, expect, it } from "vitest";
import { roundTicks, strokesOf, tickText } from "./palette.ts";

describe("strokesOf", () => {
  it("keeps gold and steel for champion and challenger", () => {
    const strokes = strokesOf([{ role: "champion" }, {}, { role: "challenger" }, {}]);
    expect(strokes.map((stroke) => stroke.color)).toEqual([
      "var(--gold-fill)",
      "var(--chart-1)",
      "var(--steel-fill)",
      "var(--chart-3)",
    ]);
  });
  it("puts nothing that is nearly gold beside the champion", () => {
    const beside = strokesOf([{ role: "champion" }, ...Array.from({ length: 12 }, () => ({}))]);
    expect(beside.filter(({ color }) => /chart-[25]/.test(color))).toEqual([]);
    expect(new Set(beside.map((stroke) => `${stroke.color} ${stroke.dash ?? ""}`)).size).toBe(13);
  });
  it("never draws two of eighteen lines alike", () => {
    const strokes = strokesOf(Array.from({ length: 18 }, () => ({})));
    expect(new Set(strokes.map((stroke) => `${stroke.color} ${stroke.dash ?? ""}`)).size).toBe(18);
    expect(strokes.every((stroke) => !/gold|steel/.test(stroke.color))).toBe(true);
  });
});

describe("roundTicks", () => {
  it("steps in ones, twos and fives", () => {
    expect(roundTicks(0, 100, 5, "number")).toEqual([0, 20, 40, 60, 80, 100]);
    expect(roundTicks(3, 11, 4, "number")).toEqual([4, 6, 8, 10]);
  });
  it("never splits a step of training", () => {
    expect(roundTicks(0, 3, 10, "step")).toEqual([0, 1, 2, 3]);
  });
  it("stands still for a single point", () => {
    expect(roundTicks(7, 7, 5, "step")).toEqual([7]);
  });
  it("puts times on whole minutes", () => {
    const start = Date.UTC(2026, 10, 20, 10, 3);
    const ticks = roundTicks(start, start + 3_600_000, 6, "time");
    expect(ticks.length).toBeGreaterThan(3);
    expect(ticks.every((tick) => tick % 600_000 === 0)).toBe(true);
  });
});

it("writes hours for short windows and dates for long ones", () => {
  const noon = new Date(2026, 2, 12, 12, 30).getTime();
  expect(tickText(noon, "time", 3_600_000)).toBe("12:30");
  expect(tickText(noon, "time", 10 * 86_400_000)).toBe("12 Mar");
  expect(tickText(noon, "time", 800 * 86_400_000)).toBe("Mar 2026");
  expect(tickText(1500, "step", 2000)).toBe("1.5k");
});
