import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { freePort } from "#bin/launch/ports.ts";
import { findRunning } from "#bin/launch/run-file.ts";
import { findChromium } from "../e2e/fixtures/browser.ts";

/** A Touchstone that runs as `npm start` brings it up, in production. */
export interface Started {
  readonly appUrl: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** The Touchstone that runs on a folder already; stopping it is left to who started it. */
export function startedOn(dataDir: string): Started {
  const running = findRunning(path.resolve(dataDir));
  const databaseUrl = running?.settings["DATABASE_URL"];
  if (!running || databaseUrl === undefined) throw new Error(`No Touchstone runs on ${dataDir}.`);
  return { appUrl: running.appUrl, dataDir, databaseUrl, stop: () => Promise.resolve() };
}

/** A Touchstone of its own on an empty folder. */
export async function startOwn(): Promise<Started> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "bench-touchstone-"));
  const names = ["PORT", "IDP_PORT", "SERVING_PORT", "WORKER_PORT"];
  const ports = await Promise.all(names.map(() => freePort()));
  const child = spawn(process.execPath, ["bin/touchstone.mjs", "start"], {
    env: { ...process.env, DATA_DIR: dataDir, ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (text: Buffer) => {
      if (text.toString().includes("ready in")) resolve();
    });
    child.once("exit", () => reject(new Error("Touchstone ended while starting.")));
  });
  return { ...startedOn(dataDir), stop };
}

/** A token of a scientist for Penguins, as the command line makes it. */
export function token({ dataDir }: Started): string {
  const scopes = "tracking:read,tracking:write";
  const args = ["token", "create", "--user", "alice", "--project", "penguins", "--scopes", scopes];
  return (
    execFileSync(process.execPath, ["bin/touchstone.mjs", ...args], {
      env: { ...process.env, DATA_DIR: dataDir },
      encoding: "utf8",
    })
      .trim()
      .split("\n")
      .at(-1) ?? ""
  );
}

/** A browser without a window. */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return await chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
