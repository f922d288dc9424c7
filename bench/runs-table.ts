import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import pg from "pg";
import { signIn } from "../e2e/fixtures/people.ts";
import { openBrowser, startedOn, startOwn } from "./own-touchstone.ts";
import { quantile } from "./tracking-client.ts";
import { seedRuns } from "./tracking-seed.ts";

// The table of 100,000 runs in a real browser: `node bench/runs-table.ts [--quick] [--data-dir <of a started Touchstone>]`. Without a folder it starts one of
// its own, as in production. What is measured: the first rows after a navigation, pages anywhere in the list as the page asks for them, a jump of the scroll
// bar until the rows there are drawn, and frames while the list scrolls by. Budget: a page anywhere p95 150 ms; a frame p95 20 ms.
const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, "data-dir": { type: "string" } },
});
const RUNS = options.quick ? 10_000 : 100_000;
const ROUNDS = 5;
const JUMPS = 40;
const SCROLL_MS = options.quick ? 3000 : 8000;
/** A frame that took longer left out at least one of the 60 that a screen shows in a second. */
const DROPPED_MS = 25;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Orders and filters of the table; a page is asked for at places all over each list. */
const LISTS: readonly (readonly [name: string, query: Readonly<Record<string, string>>])[] = [
  ["newest first", {}],
  ["by a metric", { orderBy: '["metrics.`m3` DESC"]' }],
  ["by a parameter", { orderBy: '["params.`p2` ASC"]' }],
  ["by duration", { orderBy: '["attributes.duration DESC"]' }],
  ["by name", { orderBy: '["attributes.run_name ASC"]' }],
  ["nested, newest first", { parent: "none", children: "true" }],
  ["filtered: a half, newest first", { filter: "metrics.m0 < 0.5" }],
  [
    "filtered: an eighth, by a metric",
    { filter: "metrics.m0 < 0.5 and params.p0 = 'adam'", orderBy: '["metrics.`m3` DESC"]' },
  ],
];

/** Fills an experiment of Penguins with runs and returns its number. */
async function seed(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; number: number }>(
      `insert into experiments (id, project_id, number, name)
       select gen_random_uuid(), p.id, (select max(number) + 1 from experiments where project_id = p.id), $1 from projects p where p.slug = 'penguins'
       returning id, number`,
      [`bench runs table ${Date.now()}`],
    );
    const [experiment] = rows;
    if (!experiment) throw new Error("There is no project penguins.");
    await seedRuns(client, { experimentId: experiment.id, prefix: `table ${experiment.id} `, runs: RUNS });
    await client.query("vacuum analyze");
    return experiment.number;
  } finally {
    await client.end();
  }
}

const told = (times: readonly number[]): string =>
  `p50 ${quantile(times, 0.5).toFixed(0)} ms, p95 ${quantile(times, 0.95).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`;

/** A row that is drawn with its run. */
const ROW = "[role=row][data-run]";

/** Milliseconds from the start of the navigation until anything, and until the first run, was painted. */
async function open(page: Page, address: string): Promise<[first: number, rows: number]> {
  await page.goto(address, { waitUntil: "commit" });
  await page.locator(ROW).first().waitFor();
  const rows = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
      }),
  );
  const first = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
  return [first, rows];
}

/** Milliseconds for pages at places all over a list, asked for as the table does. */
async function pages(page: Page, query: Readonly<Record<string, string>>): Promise<number[]> {
  return await page.evaluate(
    async ({ ask, count }) => {
      const address = (more: Record<string, string>) =>
        `/api/v1/projects/penguins/runs?${new URLSearchParams({ maxResults: "100", marks: "apart", ...ask, ...more }).toString()}`;
      const fetched = async (more: Record<string, string>) => {
        const answer = await fetch(address(more));
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
        return (await answer.json()) as { runs: unknown[]; asOf: number; total?: { runs: number } };
      };
      const first = await fetched({ count: "true" });
      const last = Math.max(0, Math.floor(((first.total?.runs ?? 0) - 1) / 100));
      const times: number[] = [];
      for (let i = 0; i < count; i += 1) {
        // Places as a golden ratio scatters them: far from one another and from the one before.
        const place = Math.floor(((i * 0.618_034) % 1) * (last + 1));
        const started = performance.now();
        const { runs } = await fetched({ until: String(first.asOf), offset: String(place * 100) });
        times.push(performance.now() - started);
        if (runs.length === 0) throw new Error(`nothing at ${place * 100}`);
      }
      return times;
    },
    { ask: query, count: JUMPS },
  );
}

/** Milliseconds from moving the scroll bar until the rows there are drawn with their runs. */
async function jumps(page: Page): Promise<number[]> {
  return await page.evaluate(
    async ({ rounds, row }) => {
      const grid = document.querySelector("[role=grid]");
      if (!grid) throw new Error("there is no table");
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const times: number[] = [];
      for (let i = 1; i <= rounds; i += 1) {
        const started = performance.now();
        grid.scrollTop = ((i * 0.618_034) % 1) * (grid.scrollHeight - grid.clientHeight);
        const box = grid.getBoundingClientRect();
        const isDrawn = () => {
          const at = document
            .elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
            ?.closest("[role=row]");
          return at?.matches(row) === true;
        };
        await frame();
        await frame();
        while (!isDrawn()) {
          if (performance.now() - started > 10_000) throw new Error("the rows did not come");
          await frame();
        }
        times.push(performance.now() - started);
      }
      return times;
    },
    { rounds: JUMPS, row: ROW },
  );
}

/** Milliseconds of each frame while the wheel turns, and how many frames of these showed a row without its run. */
async function scroll(page: Page, pixels: number): Promise<{ frames: number[]; empty: number }> {
  const grid = page.locator("[role=grid]");
  await grid.evaluate((element) => element.scrollTo({ top: 0 }));
  const box = await grid.boundingBox();
  if (!box) throw new Error("there is no table");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate((row) => {
    const kept = { frames: [] as number[], empty: 0, going: true };
    Object.assign(window, { benchFrames: kept });
    let before = performance.now();
    const next = (now: number) => {
      kept.frames.push(now - before);
      before = now;
      const middle = document.elementFromPoint(700, 600)?.closest("[role=row]");
      if (middle?.matches(row) === false) kept.empty += 1;
      if (kept.going) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }, ROW);
  const until = Date.now() + SCROLL_MS;
  while (Date.now() < until) {
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(16);
  }
  return await page.evaluate(() => {
    const kept = (window as unknown as { benchFrames: { frames: number[]; empty: number; going: boolean } })
      .benchFrames;
    kept.going = false;
    return { frames: kept.frames.slice(1), empty: kept.empty };
  });
}

const app = options["data-dir"] === undefined ? await startOwn() : startedOn(options["data-dir"]);
try {
  say(`${RUNS.toLocaleString("en")} runs with ten metrics, ten parameters and three tags each`);
  const experiment = await seed(app.databaseUrl);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({
      locale: "en-US",
      baseURL: app.appUrl,
      viewport: { width: 1440, height: 900 },
    });
    await signIn(page, "alice");
    const address = `${app.appUrl}/p/penguins/experiments?experiment=${experiment}`;
    // The first visit fills caches.
    await open(page, address);
    const opened: [number, number][] = [];
    for (let i = 0; i < ROUNDS; i += 1) opened.push(await open(page, address));
    say(`first paint                       ${told(opened.map(([first]) => first))}`);
    say(`first runs painted                ${told(opened.map(([, rows]) => rows))}`);
    for (const [name, query] of LISTS)
      say(`page, ${name.padEnd(34)}${told(await pages(page, { experiment: String(experiment), ...query }))}`);
    say(`jump of the scroll bar            ${told(await jumps(page))}`);
    for (const [name, pixels] of [
      ["slowly", 60],
      ["fast", 1200],
    ] as const) {
      const { frames, empty } = await scroll(page, pixels);
      const dropped = frames.filter((ms) => ms > DROPPED_MS).length;
      say(
        `scrolling ${name.padEnd(24)}${told(frames)}; ${dropped} of ${frames.length} frames over ${DROPPED_MS} ms, ${empty} with a row not yet there`,
      );
    }
  } finally {
    await browser.close();
  }
} finally {
  await app.stop();
}
