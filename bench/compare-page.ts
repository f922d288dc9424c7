import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import { signIn } from "../e2e/fixtures/people.ts";
import { openBrowser, type Started, startOwn, startedOn, token } from "./own-touchstone.ts";
import { quantile } from "./tracking-client.ts";

// The comparison of 100 runs with 10 metrics of 10,000 steps in a real browser: `node bench/compare-page.ts [--quick] [--data-dir <of a started Touchstone>]`.
// Without a folder it starts one of its own, as in production. Budget: interactive within 1.5 s, panning and pointing within 50 ms. Latencies are from the
// event's own time stamp to the end of the frame that answers it.
const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, "data-dir": { type: "string" } },
});
const SIZE = { runs: 100, metrics: 10, steps: options.quick ? 1000 : 10_000 };
const ROUNDS = 5;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Logs the runs over the MLflow API and returns the number of their experiment. */
async function seed(app: Started): Promise<string> {
  const headers = { authorization: `Bearer ${token(app)}`, "content-type": "application/json" };
  const post = async <T>(route: string, body: object): Promise<T> => {
    const answer = await fetch(`${app.appUrl}/api/2.0/mlflow/${route}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { experiment_id: experiment } = await post<{ experiment_id: string }>("experiments/create", {
    name: `bench compare ${Date.now()}`,
  });
  const begin = Date.now() - SIZE.steps * 100;
  const log = async (i: number): Promise<void> => {
    const { run } = await post<{ run: { info: { run_id: string } } }>("runs/create", {
      experiment_id: experiment,
      run_name: `run-${i}`,
      start_time: begin + i,
    });
    const each = 1000 / SIZE.metrics;
    for (let from = 0; from < SIZE.steps; from += each)
      await post("runs/log-batch", {
        run_id: run.info.run_id,
        metrics: Array.from({ length: 1000 }, (_, j) => {
          const [step, m] = [from + Math.floor(j / SIZE.metrics), j % SIZE.metrics];
          const value = Math.exp(-step / (SIZE.steps / 4)) * (1 + m) + 0.1 * Math.sin(step * (1 + i / 50)) + i / 100;
          return { key: `metric_${m}`, value, step, timestamp: begin + step * 100 };
        }),
      });
    await post("runs/log-parameter", { run_id: run.info.run_id, key: "lr", value: String(10 ** -(1 + (i % 5))) });
    await post("runs/update", { run_id: run.info.run_id, status: "FINISHED", end_time: Date.now() });
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while (next < SIZE.runs) await log(next++);
    }),
  );
  return experiment;
}

/** Notes how long each event of a kind waited for its frame. */
async function watch(page: Page, kind: string): Promise<() => Promise<number[]>> {
  await page.evaluate((type) => {
    const waits: number[] = [];
    Object.assign(window, { benchWaits: waits });
    document.addEventListener(
      type,
      (event) =>
        requestAnimationFrame(() => {
          const after = new MessageChannel();
          after.port1.onmessage = () => waits.push(performance.now() - event.timeStamp);
          after.port2.postMessage(null);
        }),
      { capture: true, passive: true },
    );
  }, kind);
  return () => page.evaluate(() => (window as unknown as { benchWaits: number[] }).benchWaits);
}

/** Milliseconds from the start of the navigation until every chart in view is drawn and answers the pointer. */
async function open(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(() => {
    const charts = [...document.querySelectorAll("[data-metric]")].filter((chart) => {
      const { top } = chart.getBoundingClientRect();
      return top < window.innerHeight;
    });
    return charts.length > 0 && charts.every((chart) => chart.querySelector(".u-over") !== null);
  });
  const plot = page.locator("[data-metric] .u-over").first();
  const box = await plot.boundingBox();
  if (box === null) throw new Error("no chart is in view");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator("[data-metric] [role=status]").first().waitFor();
  return await page.evaluate(() => performance.now());
}

/** Moves over the first chart, with Shift and the button held when `pan`. */
async function drag(page: Page, pan: boolean): Promise<number[]> {
  const box = await page.locator("[data-metric] .u-over").first().boundingBox();
  if (box === null) throw new Error("no chart is in view");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.8, y);
  const waits = await watch(page, pan ? "pointermove" : "mousemove");
  if (pan) {
    await page.keyboard.down("Shift");
    await page.mouse.down();
  }
  await page.mouse.move(box.x + box.width * 0.2, y + 20, { steps: 60 });
  if (pan) {
    await page.mouse.up();
    await page.keyboard.up("Shift");
  }
  await page.waitForTimeout(200);
  return await waits();
}

const told = (times: readonly number[]): string =>
  `p50 ${quantile(times, 0.5).toFixed(0)} ms, p95 ${quantile(times, 0.95).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`;

const app = options["data-dir"] === undefined ? await startOwn() : startedOn(options["data-dir"]);
try {
  say(`logging ${SIZE.runs} runs × ${SIZE.metrics} metrics × ${SIZE.steps.toLocaleString("en")} steps`);
  const experiment = await seed(app);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({
      locale: "en-US",
      baseURL: app.appUrl,
      viewport: { width: 1440, height: 900 },
    });
    await signIn(page, "alice");
    const address = `${app.appUrl}/p/penguins/experiments/compare?experiment=${experiment}&tab=metrics`;
    // The first visit compiles and fills caches.
    await open(page, address);
    const opened: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) opened.push(await open(page, address));
    say(`interactive   ${told(opened)} (budget 1,500 ms)`);
    say(`point         ${told(await drag(page, false))} (budget 50 ms)`);
    await open(page, `${address}&range=${SIZE.steps * 0.25}~${SIZE.steps * 0.75}`);
    say(`pan           ${told(await drag(page, true))} (budget 50 ms)`);
  } finally {
    await browser.close();
  }
} finally {
  await app.stop();
}
