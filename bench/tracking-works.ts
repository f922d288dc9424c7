import { Connection } from "./tracking-client.ts";
import { route, type Server } from "./tracking-servers.ts";
import { SEEDED } from "./tracking-seed.ts";

/** What a work must reach: so many times faster than the better MLflow, or so many milliseconds. */
export type Target =
  | { readonly times: number; readonly of: "p50" }
  | { readonly milliseconds: number; readonly of: "p50" | "p95" };

export interface Work {
  readonly name: string;
  readonly target: Target;
  /** Only Touchstone does it: its target is absolute, and the data would take MLflow minutes to load. */
  readonly alone?: boolean;
  /** How often it is measured, for a whole and a quick run. */
  readonly rounds: readonly [whole: number, quick: number];
  /** Prepares the data and returns what is measured; `i` counts from 0. */
  prepare(bench: Bench): Promise<(i: number) => Promise<{ milliseconds: number }>>;
}

/** One server under measurement. */
export class Bench {
  readonly connection: Connection;
  readonly server: Server;
  readonly quick: boolean;

  constructor(server: Server, quick: boolean) {
    this.server = server;
    this.quick = quick;
    this.connection = new Connection(server.port, server.token);
  }

  async post(name: string, message: unknown): Promise<{ body: string; milliseconds: number }> {
    return await this.connection.call("POST", route(name), JSON.stringify(message));
  }

  async get(name: string, query: Record<string, string>): Promise<{ body: string; milliseconds: number }> {
    return await this.connection.call("GET", `${route(name)}?${new URLSearchParams(query).toString()}`);
  }

  async run(): Promise<string> {
    const { body } = await this.post("runs/create", { experiment_id: "0", start_time: Date.now() });
    return (JSON.parse(body) as { run: { info: { run_id: string } } }).run.info.run_id;
  }

  /** The number of an experiment by its name. */
  async experiment(name: string): Promise<string> {
    const { body } = await this.get("experiments/get-by-name", { experiment_name: name });
    return (JSON.parse(body) as { experiment: { experiment_id: string } }).experiment.experiment_id;
  }
}

const now = 1_700_000_000_000;
const point = (key: string, step: number) => ({ key, value: Math.sin(step / 50), timestamp: now + step, step });
const range = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i));

/** Logs `count` points of the metric "m" in batches of 1,000; one of them stands out, so that it can be looked for. */
async function history(bench: Bench, count: number): Promise<string> {
  const run_id = await bench.run();
  for (let from = 0; from < count; from += 1000)
    await bench.post("runs/log-batch", {
      run_id,
      metrics: range(1000, (i) => ({ ...point("m", from + i), ...(from + i === 123_456 ? { value: 99 } : {}) })),
    });
  return run_id;
}

const search = (count: number, message: (i: number) => object, experiment: string) => async (bench: Bench) => {
  const id = await bench.experiment(experiment);
  return async (i: number) => {
    const answer = await bench.post("runs/search", { experiment_ids: [id], max_results: count, ...message(i) });
    return answer;
  };
};

/** Thresholds that keep much, little, and nothing. */
const CLAUSES = [
  "metrics.m0 < 0.5 and metrics.m1 > 0.5 and params.p0 = 'adam'",
  "metrics.m0 < 0.01 and metrics.m1 > 0.5 and params.p0 = 'sgd'",
  "metrics.m0 < 0.9 and metrics.m1 > 0.999 and params.p1 = '7'",
  "metrics.m2 > 0.2 and metrics.m3 > 0.2 and params.p2 != '1'",
  "metrics.m0 > 0.99 and metrics.m1 > 0.99 and params.p0 = 'adam'",
  "metrics.m0 > 2 and metrics.m1 > 0.5 and params.p0 = 'adam'",
];

export const WORKS: readonly Work[] = [
  {
    name: "create run",
    target: { times: 5, of: "p50" },
    rounds: [200, 40],
    prepare: (bench) =>
      Promise.resolve((i) =>
        bench.post("runs/create", {
          experiment_id: "0",
          run_name: `run-${i}`,
          start_time: now + i,
          tags: [
            { key: "mlflow.user", value: "bench" },
            { key: "mlflow.source.name", value: "train.py" },
          ],
        }),
      ),
  },
  {
    name: "log-metric",
    target: { times: 5, of: "p50" },
    rounds: [400, 60],
    prepare: async (bench) => {
      const run_id = await bench.run();
      return (i) => bench.post("runs/log-metric", { run_id, ...point("loss", i) });
    },
  },
  {
    name: "log-batch, 20 metrics + 10 params",
    target: { times: 5, of: "p50" },
    rounds: [200, 40],
    prepare: async (bench) => {
      const runs = await Promise.all(range(1, () => bench.run()));
      return async (i) => {
        const run_id = i % 10 === 0 ? (runs[0] = await bench.run()) : (runs[0] ?? "");
        return await bench.post("runs/log-batch", {
          run_id,
          metrics: range(20, (k) => point(`metric-${k}`, i)),
          params: range(10, (k) => ({ key: `param-${i}-${k}`, value: String(k) })),
        });
      };
    },
  },
  {
    name: "log-batch, 1,000 metrics, one key",
    target: { times: 10, of: "p50" },
    rounds: [40, 10],
    prepare: async (bench) => {
      const run_id = await bench.run();
      return (i) => bench.post("runs/log-batch", { run_id, metrics: range(1000, (k) => point("m", i * 1000 + k)) });
    },
  },
  {
    name: "log-batch, 1,000 metrics, 1,000 keys",
    target: { times: 10, of: "p50" },
    rounds: [40, 10],
    prepare: async (bench) => {
      const run_id = await bench.run();
      return (i) => bench.post("runs/log-batch", { run_id, metrics: range(1000, (k) => point(`m${k}`, i)) });
    },
  },
  {
    name: "history, 25,000 of 100,000 points",
    target: { times: 10, of: "p50" },
    rounds: [10, 5],
    prepare: async (bench) => {
      const run_id = await history(bench, bench.quick ? 30_000 : 100_000);
      const query = { run_id, metric_key: "m", max_results: "25000" };
      const first = JSON.parse((await bench.get("metrics/get-history", query)).body) as { next_page_token: string };
      return (i) =>
        bench.get("metrics/get-history", i % 2 === 0 ? query : { ...query, page_token: first.next_page_token });
    },
  },
  {
    name: "down-sampled history, 320 of 1,000,000 points",
    target: { milliseconds: 60, of: "p50" },
    alone: true,
    rounds: [40, 10],
    prepare: async (bench) => {
      const run_id = await history(bench, bench.quick ? 200_000 : 1_000_000);
      const query = { run_ids: run_id, metric_key: "m", max_results: "320" };
      return async () => {
        const answer = await bench.get("metrics/get-history-bulk-interval", query);
        if (!answer.body.includes('"step":123456')) throw new Error("the spike was lost");
        return answer;
      };
    },
  },
  {
    name: "search, 1,000 ordered of 10,000 runs",
    target: { times: 10, of: "p50" },
    rounds: [15, 5],
    prepare: search(1000, (i) => ({ order_by: [`metrics.m${i % 3} DESC`] }), SEEDED.small),
  },
  {
    name: "search, first page (100), 2 metric and 1 param clauses, of 100,000 runs",
    target: { milliseconds: 50, of: "p95" },
    alone: true,
    rounds: [120, 30],
    prepare: search(100, (i) => ({ filter: CLAUSES[i % CLAUSES.length] }), SEEDED.large),
  },
  {
    name: "search, first page (100) ordered by a metric, of 100,000 runs",
    target: { milliseconds: 150, of: "p95" },
    alone: true,
    rounds: [40, 12],
    prepare: search(100, (i) => ({ order_by: [`metrics.m${i % 10} ${i % 2 ? "ASC" : "DESC"}`] }), SEEDED.large),
  },
];
