import { expect, test } from "vitest";
import { unpacked } from "./fetch-series.ts";

const STEPS = [-1, 0, 2 ** 40];
const TIMES = [1_700_000_000_123, 1_700_000_000_124, 1_700_000_000_125];
const VALUES = [0.1, Number.NaN, 1.7976931348623157e308];

/** As the server writes them: column by column, the greatest byte first. */
function packed(...columns: number[][]): string {
  const all = columns.flat();
  const bytes = Buffer.alloc(all.length * 8);
  all.forEach((value, i) => bytes.writeDoubleBE(value, i * 8));
  return bytes.toString("base64");
}

test("a history comes back as it was packed, NaN as null", () => {
  const series = { runId: "a", key: "loss", total: 9 };
  const found = unpacked({ ...series, packed: packed(STEPS, TIMES, VALUES) });
  expect(found).toEqual({ ...series, steps: STEPS, times: TIMES, values: [0.1, null, 1.7976931348623157e308] });
  expect(unpacked({ ...series, packed: "" })).toEqual({ ...series, steps: [], times: [], values: [] });
});
