import { expect, test } from "vitest";
import { splitCsv } from "./csv-rows.ts";

test("quotes, doubled quotes, separators and line ends inside cells", () => {
  expect(splitCsv('a,b\n"x, y","say ""hi"""\r\n"two\nlines",\n', ",", 10)).toEqual([
    ["a", "b"],
    ["x, y", 'say "hi"'],
    ["two\nlines", ""],
  ]);
});

test("the last row needs no line end, and no more rows are read than asked for", () => {
  expect(splitCsv("a\tb\n1\t2", "\t", 10)).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(splitCsv("1\n2\n3\n4", ",", 2)).toEqual([["1"], ["2"]]);
  expect(splitCsv("", ",", 2)).toEqual([]);
});
