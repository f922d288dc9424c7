import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { windowLabel, windowOf, windowsOfDay } from "./event-windows.ts";
import { parseMonitorFile } from "./monitor-file.ts";

const sample = (name: string) =>
  readFileSync(path.join(import.meta.dirname, "../../examples", name, "monitor.yaml"), "utf8");

describe("monitor.yaml", () => {
  test("the samples' files say what they mean", () => {
    const flights = parseMonitorFile(sample("flight-delays"));
    expect(flights).toMatchObject({
      endpoint: "flight-delays",
      window: "month",
      min_rows: 500,
      drift: { features: "all", psi: 0.2, jensen_shannon: 0.1, alpha: 0.01 },
      performance: { min_coverage: 0.5, auc: { max_drop: 0.03 }, log_loss: { max_rise: 0.05 } },
      retrain: { pipeline: "pipeline.yaml", mode: "manual" },
    });
    expect(flights.performance.accuracy).toBeUndefined();
    expect(parseMonitorFile(sample("penguins")).retrain.mode).toBe("automatic");
  });

  test("a mistake is named with its line and column", () => {
    expect(() => parseMonitorFile("version: 1\nendpoint: a\nwindow: fortnight\n")).toThrow(
      /line 3, column 9: window: /,
    );
    expect(() => parseMonitorFile("version: 1\nendpoint: a\ndrift:\n  psi: -1\n")).toThrow(
      /line 4, column 8: drift\.psi/,
    );
    expect(() => parseMonitorFile("version: 1\nendpoint: [a\n")).toThrow(/line \d+, column \d+/);
  });

  test("an unknown key is a mistake, not nothing", () => {
    expect(() => parseMonitorFile("version: 1\nendpoint: a\nretrian: {mode: manual}\n")).toThrow(/retrian/);
  });
});

describe("windows of event time", () => {
  const at = Date.parse("2013-12-31T23:30:00Z");
  const span = (length: Parameters<typeof windowOf>[1]) => {
    const { startsAt, endsAt } = windowOf(at, length);
    return [new Date(startsAt).toISOString().slice(0, 16), new Date(endsAt).toISOString().slice(0, 16)];
  };

  test("begin where the calendar of UTC says", () => {
    expect(span("hour")).toEqual(["2013-12-31T23:00", "2014-01-01T00:00"]);
    expect(span("day")).toEqual(["2013-12-31T00:00", "2014-01-01T00:00"]);
    // 31 December 2013 was a Tuesday.
    expect(span("week")).toEqual(["2013-12-30T00:00", "2014-01-06T00:00"]);
    expect(span("month")).toEqual(["2013-12-01T00:00", "2014-01-01T00:00"]);
    // A leap year's February, from its last moment.
    expect(windowOf(Date.parse("2012-02-29T23:59:59.999Z"), "month").endsAt).toBe(Date.parse("2012-03-01T00:00Z"));
  });

  test("a day has 24 windows of an hour that meet", () => {
    const hours = windowsOfDay(Date.parse("2013-07-01"), "hour");
    expect(hours).toHaveLength(24);
    expect(hours.slice(1).every((hour, i) => hour.startsAt === hours[i]?.endsAt)).toBe(true);
  });

  test("have names for people", () => {
    expect(windowLabel(Date.parse("2013-07-01"), "month")).toBe("July 2013");
    expect(windowLabel(Date.parse("2013-07-01"), "week")).toBe("week of 1 July 2013");
    expect(windowLabel(Date.parse("2013-07-01T14:00Z"), "hour")).toBe("1 July 2013, 14:00");
  });
});
