import { spawn } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

test("a process whose reader went away does its work and ends", async () => {
  const script = `
    process.env["LOG_LEVEL"] = "info";
    const { log } = await import("#server/platform/log.ts");
    process.on("SIGTERM", () => {
      log.info("stopping");
      log.fatal("the end");
      process.exit(7);
    });
    log.info("up");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path.join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.destroy();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  expect(await exited).toBe(7);
  clearTimeout(timer);
});
