import { expect, test } from "vitest";
import { LineBuffer, plainLine, spansOf } from "./log-lines.ts";

const ESC = "\u001b";

test("colour codes become spans, other codes vanish", () => {
  expect(spansOf(`a ${ESC}[1;31mred${ESC}[0m b${ESC}[2K${ESC}]0;title\u0007!`)).toEqual([
    { text: "a ", className: "" },
    { text: "red", className: "text-bad font-semibold" },
    { text: " b", className: "" },
    { text: "!", className: "" },
  ]);
  expect(plainLine(`${ESC}[32mok${ESC}[0m`)).toBe("ok");
});

test("lines grow over chunks, and a progress bar shows its last state", () => {
  const buffer = new LineBuffer();
  buffer.add("one\ntw");
  expect(buffer.lines).toEqual(["one", "tw"]);
  buffer.add("o\n 10 %\r 50 %\r100 %\r\nthree");
  expect(buffer.lines).toEqual(["one", "two", "100 %", "three"]);
  buffer.add("\n\n");
  expect(buffer.lines).toEqual(["one", "two", "100 %", "three", ""]);
});
