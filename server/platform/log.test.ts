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

test("an error is logged by what it says, not with all that hangs on it", async () => {
  const script = `
    process.env["LOG_LEVEL"] = "info";
    const { log } = await import("#server/platform/log.ts");
    const error = Object.assign(new Error("it failed", { cause: new Error("the net is down") }), { code: "57P01", client: { port: 5432 } });
    log.error({ err: error }, "gone");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path.join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const part of child.stdout) text += String(part);
  const { err } = JSON.parse(text) as { err: Record<string, string> };
  expect(Object.keys(err).sort()).toEqual(["code", "message", "stack", "type"]);
  expect(err).toMatchObject({ code: "57P01", message: "it failed: the net is down" });
  expect(err["stack"]).toContain("the net is down");
});
