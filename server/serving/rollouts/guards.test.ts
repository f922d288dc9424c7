import { describe, expect, test } from "vitest";
import { RolloutPolicy } from "#server/governance/contract.ts";
import { emptyLatencies, latencyBucket } from "#server/kernel/statistics/latency-histogram.ts";
import type { ArmFigures } from "../rollout-contract.ts";
import { judgeGuards, type Seen } from "./guards.ts";

const guards = (given: object = {}) =>
  RolloutPolicy.parse({ steps: [{ share: 0.1, minutes: 1 }], guards: given }).guards;
/** Requests that took so many milliseconds each, and those that failed. */
function figures(requests: number, errors = 0, ms = 1): ArmFigures {
  const latency = emptyLatencies();
  latency[latencyBucket(ms * 1000)] = requests - errors;
  return { requests, routed: requests, errors, latency };
}
const seen = (challenger: ArmFigures, champion = figures(1900, 2), quality: Seen["quality"] = null): Seen => ({
  champion,
  challenger,
  quality,
});
const stateOf = (what: Seen, look = 1, given: object = {}) =>
  Object.fromEntries(judgeGuards(guards(given), what, look).map(({ guard, state }) => [guard, state]));

describe("errors", () => {
  test("that are many more than the champion's breach, at ten requests already", () => {
    expect(stateOf(seen(figures(10, 10)))).toEqual({ errors: "breached" });
    expect(stateOf(seen(figures(9, 9)))).toEqual({ errors: "waiting" });
    expect(stateOf(seen(figures(200, 20)))).toEqual({ errors: "breached" });
  });

  test("that chance explains, or that are within what is accepted, do not", () => {
    expect(stateOf(seen(figures(100, 1)))).toEqual({ errors: "holds" });
    expect(stateOf(seen(figures(20, 1)))).toEqual({ errors: "holds" });
    // Certainly more, and yet fewer than one in ten more.
    expect(stateOf(seen(figures(20_000, 900), figures(20_000, 100)), 1, { errors: { max_difference: 0.1 } })).toEqual({
      errors: "holds",
    });
    // A champion that fails as often is no reason to go back to it.
    expect(stateOf(seen(figures(200, 100), figures(200, 104)))).toEqual({ errors: "holds" });
  });

  test("are judged more strictly with every look, so that looking does not make a breach", () => {
    const [first] = judgeGuards(guards(), seen(figures(100, 4)), 1);
    const [later] = judgeGuards(guards(), seen(figures(100, 4)), 40);
    expect(first).toMatchObject({ state: "breached", threshold: 0.005 });
    expect(later?.p).toBe(first?.p);
    expect(later).toMatchObject({ state: "holds", threshold: 0.01 / (40 * 41) });
    let spent = 0;
    for (let look = 1; look <= 5000; look++)
      spent += judgeGuards(guards(), seen(figures(100)), look)[0]?.threshold ?? 0;
    expect(spent).toBeLessThan(0.01);
  });
});

test("looking all the time reverts an equal challenger in fewer than alpha of all rollouts", () => {
  // 100 rollouts of 60 looks with ten requests each, both sides failing one in twenty, no difference accepted.
  let state = 42;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const draw = () => Array.from({ length: 10 }, () => (random() < 0.05 ? 1 : 0)).reduce<number>((a, b) => a + b, 0);
  let reverted = 0;
  for (let run = 0; run < 100; run++) {
    let [bad, worse] = [0, 0];
    for (let look = 1; look <= 60; look++) {
      worse += draw();
      bad += draw() + draw();
      const what = seen(figures(10 * look, worse), figures(20 * look, bad));
      if (stateOf(what, look, { errors: { max_difference: 0, alpha: 0.05 } })["errors"] === "breached") {
        reverted++;
        break;
      }
    }
  }
  expect(reverted / 100).toBeLessThan(0.05);
});

describe("latency", () => {
  test("above the budget breaches, and within it does not", () => {
    expect(stateOf(seen(figures(100, 0, 80)), 1, { latency: { p95_ms: 50 } })).toMatchObject({ latency: "breached" });
    expect(stateOf(seen(figures(100, 0, 20)), 1, { latency: { p95_ms: 50 } })).toMatchObject({ latency: "holds" });
    expect(stateOf(seen(figures(5, 0, 80)), 1, { latency: { p95_ms: 50 } })).toMatchObject({ latency: "waiting" });
  });

  test("is compared with the champion's", () => {
    const given = { latency: { p95_ratio: 2 } };
    expect(stateOf(seen(figures(100, 0, 3)), 1, given)).toMatchObject({ latency_ratio: "breached" });
    expect(stateOf(seen(figures(100, 0, 1.5)), 1, given)).toMatchObject({ latency_ratio: "holds" });
    expect(stateOf(seen(figures(100, 0, 3), figures(0)), 1, given)).toMatchObject({ latency_ratio: "waiting" });
  });

  test("of a few slow requests among many is chance", () => {
    const mixed = figures(100, 0, 1);
    const latency = mixed.latency.with(latencyBucket(80_000), 7).with(latencyBucket(1000), 93);
    expect(stateOf(seen({ ...mixed, latency }), 1, { latency: { p95_ms: 50 } })).toMatchObject({ latency: "holds" });
  });
});

describe("quality", () => {
  const given = { quality: { metric: "accuracy", margin: 0.05, min_outcomes: 200 } };
  const known = (challenger: [number, number], champion: [number, number]): Seen["quality"] => ({
    challenger: { right: challenger[0], known: challenger[1] },
    champion: { right: champion[0], known: champion[1] },
  });
  test("that is lost beyond the margin breaches; too few outcomes say nothing", () => {
    const of = (quality: Seen["quality"]) => stateOf(seen(figures(500), figures(500), quality), 1, given)["quality"];
    expect(of(known([300, 500], [450, 500]))).toBe("breached");
    expect(of(known([440, 500], [450, 500]))).toBe("holds");
    expect(of(known([500, 500], [450, 500]))).toBe("holds");
    expect(of(known([10, 100], [450, 500]))).toBe("waiting");
    expect(of(null)).toBe("waiting");
  });
});

test("every sentence names its samples", () => {
  const readings = judgeGuards(
    guards({ latency: { p95_ms: 50, p95_ratio: 2 }, quality: { metric: "accuracy" } }),
    seen(figures(200, 20)),
    1,
  );
  expect(readings.map(({ sentence }) => sentence)).toEqual([
    "The challenger failed 20 of 200 (10%), the champion 2 of 1,900 (0.105%); 1% more is accepted.",
    expect.stringMatching(
      /^95% of 180 requests of the challenger took at most .* ms; 50 ms are allowed, and 0 of 180 \(0%\) took longer\.$/,
    ),
    expect.stringMatching(/^95% of 180 requests .*; 2 times the champion's .* ms is allowed, and /),
    "The outcome bore out 0 of 0 of the challenger's predictions and 0 of 0 of the champion's: 200 outcomes of each are needed to compare them.",
  ]);
});
