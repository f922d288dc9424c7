import { expect, it } from "vitest";
import { fileStem, toCsv } from "./csv.ts";

it("quotes what must be quoted and ends lines with CRLF", () => {
  expect(
    toCsv(
      ["a", "b"],
      [
        ["x,y", 'say "hi"'],
        ["two\nlines", null],
      ],
    ),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",');
});

it("writes numbers plainly, dates in ISO 8601, nothing for what is missing", () => {
  expect(toCsv(["n"], [[-1.5], [new Date(Date.UTC(2026, 0, 2))], [undefined], [new Date("x")], [10n], [true]])).toBe(
    "n\r\n-1.5\r\n2026-01-02T00:00:00.000Z\r\n\r\n\r\n10\r\ntrue",
  );
});

it("disarms text that a spreadsheet would run as a formula", () => {
  expect(toCsv(["a"], [["=1+1"], ["@x"], ["-2"], ["plain"]])).toBe("a\r\n'=1+1\r\n'@x\r\n'-2\r\nplain");
});

it("makes file names out of titles", () => {
  expect(fileStem("Accuracy by day (v12)")).toBe("accuracy-by-day-v12");
  expect(fileStem("§")).toBe("export");
});
