import { expect, test } from "vitest";
import { progressLine } from "./progress-line.ts";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  let at = 0;
  const out = { isTTY, columns: 120, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const line = progressLine(1000, "rows", out, () => at);
  return { line, written, pass: (ms: number) => (at += ms) };
}

test("a terminal gets one line that is written over, with share, rate and time left", () => {
  const { line, written, pass } = terminal(true);
  pass(1000);
  line.update(250, "250 rows");
  pass(10);
  line.update(260, "too soon");
  line.end();
  expect(written).toHaveLength(2);
  expect(written[0]).toContain("██████░░░░░░░░░░░░░░░░░░");
  expect(written[0]).toContain("25% · 250 rows · 250 rows/s · 3.0 s left");
  expect(written[0]?.startsWith("\r")).toBe(true);
});

test("a log gets a line every five seconds", () => {
  const { line, written, pass } = terminal(false);
  for (let second = 1; second <= 12; second += 1) {
    pass(1000);
    line.update(second * 50, `${second * 50} rows`);
  }
  line.end();
  expect(written).toEqual(["  25% · 250 rows · 50 rows/s · 15 s left\n", "  50% · 500 rows · 50 rows/s · 10 s left\n"]);
});
