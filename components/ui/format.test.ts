import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatChange,
  formatCompact,
  formatDate,
  formatDuration,
  formatExact,
  formatNumber,
  formatStated,
  formatPercent,
  formatRelative,
  humanise,
  plural,
  shortId,
} from "./format.ts";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [0.88123, "0.881"],
    [0.9, "0.900"],
    [12.3456, "12.3"],
    [1234.5678, "1,235"],
    [8412, "8,412"],
    [1_204_551, "1,204,551"],
    [-0.0123456, "−0.0123"],
    [-1500, "−1,500"],
    [0.000012345, "1.23e-5"],
    [1.5e18, "1.5e18"],
    [9.999, "10.0"],
    [0.99999, "1.00"],
    [999.96, "1,000"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
    [null, "–"],
    [undefined, "–"],
    [12345678901234567890n, "12,345,678,901,234,567,890"],
  ])("writes %s as %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("gives as many significant digits as asked", () => {
    expect(formatNumber(0.881234, 5)).toBe("0.88123");
    expect(formatNumber(1234.5678, 6)).toBe("1,234.57");
  });
});

describe("formatPercent and formatChange", () => {
  it("writes a fraction as a percentage", () => {
    expect(formatPercent(0.0123)).toBe("1.2%");
    expect(formatPercent(-0.5, 0)).toBe("−50%");
    expect(formatPercent(null)).toBe("–");
  });
  it("always writes the sign of a change", () => {
    expect(formatChange(0.91)).toBe("+0.910");
    expect(formatChange(-12)).toBe("−12");
    expect(formatChange(0)).toBe("±0");
  });
});

describe("formatCompact", () => {
  it.each([
    [999, "999"],
    [1234, "1.23k"],
    [999_950, "1M"],
    [5e6, "5M"],
    [-2500, "−2.5k"],
    [0.25, "0.25"],
    [3e12, "3T"],
  ])("writes %d as %s", (value, text) => expect(formatCompact(value)).toBe(text));
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [300, "300 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [90_112_334, "85.9 MiB"],
    [1024 ** 3 - 1, "1 GiB"],
    [5n * 1024n ** 4n, "5 TiB"],
  ])("writes %s as %s", (value, text) => expect(formatBytes(value)).toBe(text));
});

describe("formatDuration", () => {
  it.each([
    [0, "0 s"],
    [0.25, "250 µs"],
    [1.26, "1.3 ms"],
    [850, "850 ms"],
    [999.7, "1 s"],
    [1500, "1.5 s"],
    [12_400, "12 s"],
    [59_900, "1 m"],
    [72_000, "1 m 12 s"],
    [3_599_600, "1 h"],
    [3_660_000, "1 h 1 m"],
    [93_784_000, "1 d 2 h"],
    [-72_000, "−1 m 12 s"],
    [null, "–"],
  ])("writes %s ms as %s", (value, text) => expect(formatDuration(value)).toBe(text));
});

describe("times", () => {
  const now = Date.UTC(2026, 10, 20, 17, 30, 0);
  const before = (ms: number): string => formatRelative(now - ms, now);

  it("says how long ago", () => {
    expect(before(2000)).toBe("just now");
    expect(before(50_000)).toBe("1 min ago");
    expect(before(3 * 60_000)).toBe("3 min ago");
    expect(before(59.6 * 60_000)).toBe("1 h ago");
    expect(before(23.6 * 3_600_000)).toBe("1 d ago");
    expect(before(29 * 86_400_000)).toBe("29 d ago");
    expect(before(31 * 86_400_000)).toBe("20 Oct 2026");
  });
  it("says how soon", () => {
    expect(before(-30_000)).toBe("in 30 s");
    expect(before(-2 * 3_600_000)).toBe("in 2 h");
  });
  it("writes dates in UTC and instants in the asked zone", () => {
    expect(formatDate("2026-03-12T23:30:00Z")).toBe("12 Mar 2026");
    expect(formatExact("2026-03-12T14:05:09Z")).toBe("12 Mar 2026, 14:05:09 UTC");
    expect(formatExact("2026-03-12T23:05:09Z", "Asia/Tokyo")).toBe("13 Mar 2026, 08:05:09 GMT+9");
  });
  it("never writes an invalid date", () => {
    expect(formatRelative("nonsense", now)).toBe("–");
    expect(formatExact("nonsense")).toBe("–");
    expect(formatDate("")).toBe("–");
  });
});

describe("words", () => {
  it("shortens hashes at the end and time-ordered ids at the start, where they differ", () => {
    expect(shortId("4f2a91c03bd5e7aa")).toBe("4f2a91c0");
    expect(shortId("0199a0b1-7c1e-7f2a-9b3d-0000deadbeef")).toBe("…deadbeef");
    expect(shortId("short")).toBe("short");
  });
  it("claims no digits for a tolerance that were not stated", () => {
    expect([1e-4, 0.0012, 0.05, 1, 100, 1e-5, 2.34567e-7, 0.123456, 0, null].map(formatStated)).toEqual(
      "0.0001 0.0012 0.05 1 100 1e-5 2.346e-7 0.1235 0 –".split(" "),
    );
  });
  it("counts and humanises", () => {
    expect(plural(1, "run")).toBe("1 run");
    expect(plural(1234, "run")).toBe("1,234 runs");
    expect(plural(2, "query", "queries")).toBe("2 queries");
    expect(humanise("non_inferior")).toBe("Non inferior");
  });
});
