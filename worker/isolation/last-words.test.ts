import { expect, test } from "vitest";
import { LastWords } from "./last-words.ts";

test.each([
  ["Traceback (most recent call last):\n  File \"x.py\", line 3\nKeyError: 'late'\n", "KeyError: 'late'"],
  ["mlflow.exceptions.MlflowException: gone\n", "mlflow.exceptions.MlflowException: gone"],
  [
    "file:///x.ts:45\n  throw new Error('a')\n  ^\n\nError: EACCES: permission denied, open 'x'\n    at f (x.ts:1)\n  errno: -13,\n}\n\nNode.js v24.21.0\n",
    "Error: EACCES: permission denied, open 'x'",
  ],
  ["working\n3 rows are wrong: dep_time is empty\n\n", "3 rows are wrong: dep_time is empty"],
  ["", null],
  ["\n\n", null],
])("%j says %j", (text, line) => {
  const words = new LastWords();
  for (const part of text.match(/[\s\S]{1,7}/g) ?? []) words.add(Buffer.from(part));
  expect(words.line()).toBe(line);
});
