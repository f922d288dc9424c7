import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { defineConfig } from "@playwright/test";
import { scrubEnvironment } from "./bin/clean-environment.ts";
import { freePort } from "./bin/launch/ports.ts";
import { findChromium } from "./e2e/fixtures/browser.ts";
import { UV } from "./bin/check/python-environment.ts";
import type { Instance } from "./e2e/fixtures/instance.ts";

// This file is read once by the runner and again by each worker, which inherits the runner's environment. What is chosen once is kept there.

scrubEnvironment();

/** A fresh Touchstone on free ports with an empty data folder, unless `E2E_DATA_DIR` names the folder of one that runs already. */
async function choose(): Promise<{ instance: Instance; server?: Record<string, string> }> {
  const running = process.env["E2E_DATA_DIR"];
  if (running) {
    const file = JSON.parse(readFileSync(path.join(running, "run.json"), "utf8")) as {
      appUrl: string;
      settings: Record<string, string>;
    };
    return {
      instance: { appUrl: file.appUrl, servingUrl: file.settings["SERVING_URL"] ?? "", dataDir: path.resolve(running) },
    };
  }
  const ports = new Set<number>();
  while (ports.size < 4) ports.add(await freePort());
  const [app = 0, idp = 0, serving = 0, worker = 0] = ports;
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "touchstone-e2e-"));
  // After everything else: the server is still writing when Playwright's own tear-down hooks run.
  process.once("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  return {
    instance: { appUrl: `http://localhost:${app}`, servingUrl: `http://localhost:${serving}`, dataDir },
    server: {
      PORT: String(app),
      IDP_PORT: String(idp),
      SERVING_PORT: String(serving),
      WORKER_PORT: String(worker),
      DATA_DIR: dataDir,
      // What pip does for an environment is tested by itself; here it would take minutes.
      ...(existsSync(UV) && { UV_PATH: UV }),
    },
  };
}

if (!process.env["E2E_INSTANCE"]) {
  const { instance, server } = await choose();
  process.env["E2E_INSTANCE"] = JSON.stringify(instance);
  if (server) process.env["E2E_SERVER"] = JSON.stringify(server);
}
const { appUrl } = JSON.parse(process.env["E2E_INSTANCE"] ?? "") as Instance;
const server = process.env["E2E_SERVER"];
const { executablePath, env } = await findChromium();

/** Looks at pages. The purge stands with them, so that no link they follow is taken away under them. */
const PAGES = ["**/pages.spec.ts", "**/smoke.spec.ts", "**/experiments-files.spec.ts"];
/** What is held to seconds, and the one that takes a member away from the project. */
const ALONE = ["**/isolation.spec.ts", "**/rollout.spec.ts", "**/snippets.spec.ts", "**/who-answers.spec.ts"];

export default defineConfig({
  testDir: "e2e",
  // Real Python and PyPI take minutes: `npm test -- --all`, or `npm run test:python` for these alone.
  projects: [
    // First, on a Penguins that nobody has touched; the others look at what it leaves.
    { name: "loop", testMatch: "**/loop.spec.ts" },
    // Side by side, one file after the other in each: what is looked at, and what is done.
    { name: "pages", testMatch: PAGES, dependencies: ["loop"], workers: 1 },
    {
      name: "journeys",
      testIgnore: ["**/loop.spec.ts", "**/*.python.spec.ts", ...PAGES, ...ALONE],
      dependencies: ["loop"],
      workers: 1,
    },
    { name: "alone", testMatch: ALONE, dependencies: ["pages", "journeys"], workers: 1 },
    { name: "python", testMatch: "**/*.python.spec.ts", dependencies: ["alone"], timeout: 15 * 60_000, workers: 1 },
  ],
  // A journey waits half of its time. No retries: a test that passes only sometimes has found something.
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "node_modules/.cache/check/playwright.json" }]],
  use: {
    baseURL: appUrl,
    // A picture and the page's text tell of a failure; `--trace on` films a journey, at a third more of its time.
    trace: "off",
    screenshot: "only-on-failure",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath,
      env: { ...(process.env as Record<string, string>), ...env },
      args: [
        "--no-sandbox",
        "--headless=shell",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  ...(server && {
    webServer: {
      command: `exec "${process.execPath}" bin/touchstone.mjs start`,
      env: JSON.parse(server) as Record<string, string>,
      // The launcher says so when the samples are there too. Without `npm test` before it, building the app is part of the wait.
      wait: { stdout: /ready in/ },
      timeout: 600_000,
      stdout: "pipe",
      gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
    },
  }),
});
