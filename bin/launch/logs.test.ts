import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openLogFile } from "./log-file.ts";
import { readLogLine } from "./log-line.ts";
import { tellingLines } from "./tasks.ts";

test("a line of our logger becomes its sentence, with the cause and the request to look for", () => {
  const line = { level: "error", msg: "a job failed", err: { message: "no such dataset" }, requestId: "r-1" };
  expect(readLogLine(JSON.stringify(line), "stdout")).toEqual({
    level: "error",
    text: "a job failed: no such dataset (request r-1)",
  });
  expect(readLogLine('{"level":40,"msg":"slow"}', "stdout")).toEqual({ level: "warn", text: "slow" });
  expect(readLogLine('{"level":"info","msg":"worker ready"}', "stderr").level).toBe("info");
});

test("any other line is taken as it is; on standard error it is a warning", () => {
  expect(readLogLine("▲ Next.js", "stdout")).toEqual({ level: "info", text: "▲ Next.js" });
  expect(readLogLine("{half", "stderr")).toEqual({ level: "warn", text: "{half" });
});

test("a log file that has grown makes room, and goes on after a restart", async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-log-"));
  const read = (name: string) => readFileSync(path.join(dir, name), "utf8");
  try {
    const first = openLogFile(dir, "app", 10);
    first.write("0123456789");
    await first.close();
    const second = openLogFile(dir, "app", 10);
    second.write("next\n");
    await second.close();
    expect(read("app.log.1")).toBe("0123456789");
    expect(read("app.log")).toBe("next\n");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("of a failed build the error is shown, not the warnings that follow it", () => {
  const warnings = Array.from({ length: 100 }, (_, i) => `Warning ${i}`);
  const shown = tellingLines(["Compiled", "page.tsx(1,1): error TS2349: not callable.", ...warnings]);
  expect(shown[0]).toContain("TS2349");
  expect(shown).toHaveLength(25);
  expect(tellingLines(warnings).at(-1)).toBe("Warning 99");
});
