import { expect, test } from "vitest";
import { availabilityOf, type ProbeHour } from "./availability.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-29T12:00:00Z");
const hour = (ago: number, counts: Partial<ProbeHour> = {}): ProbeHour => ({
  hour: NOW - ago * HOUR,
  ok: 0,
  slow: 0,
  failed: 0,
  excluded: 0,
  failure: null,
  ...counts,
});

test("uptime is the share of the probes that were made; what was not probed is unknown, not up", () => {
  const created = NOW - 4 * HOUR;
  const found = availabilityOf(
    [hour(4, { ok: 118, slow: 2 }), hour(3, { ok: 60, failed: 60, failure: { at: NOW - 2 * HOUR, text: "503" } })],
    created,
    NOW,
  );
  expect(found).toMatchObject({ ok: 178, slow: 2, failed: 60, excluded: 0, unknown: 240, uptime: 180 / 240 });
  expect(found.lastFailure).toEqual({ at: new Date(NOW - 2 * HOUR).toISOString(), text: "503" });
  expect(found.since).toBe(new Date(created).toISOString());
});

test("time in which an endpoint was stopped is neither up nor down, and is told", () => {
  const found = availabilityOf([hour(2, { excluded: 120 }), hour(1, { ok: 119, failed: 1 })], NOW - 2 * HOUR, NOW);
  expect(found).toMatchObject({ excluded: 120, unknown: 0, uptime: 119 / 120 });
});

test("without a probe there is no uptime, and hours before the window do not count", () => {
  const found = availabilityOf([hour(24 * 30 + 2, { failed: 120 })], 0, NOW);
  expect(found).toMatchObject({ uptime: null, failed: 0, unknown: (30 * 24 * HOUR) / 30_000 });
  expect(found.days).toHaveLength(31);
  expect(found.days[0]?.day).toBe("2026-10-30");
  expect(found.days.at(-1)).toMatchObject({ day: "2026-11-29", uptime: null });
});
