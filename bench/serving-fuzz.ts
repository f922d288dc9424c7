import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { malformed } from "#worker/serving/testing/malformed.ts";
import { shoot } from "#worker/serving/testing/shoot.ts";
import { verdict } from "./benchmarks-page.ts";
import { benchFolder, measureOnStage } from "./on-stage.ts";
import { residentBytes } from "./process-accounting.ts";
import type { Stage } from "./serving-stage.ts";

// Malformed requests for a serving process as an installation runs it: `npm run bench:serving-fuzz [-- --requests 10000] [--write]`. The same shots are fired by
// worker/serving/fuzz.test.ts, which also sends bodies of 100 MB and has slow senders; here the memory of the whole process is looked at.
const { values: options } = parseArgs({
  options: { requests: { type: "string", default: "10000" }, write: { type: "boolean", default: false } },
});
const REQUESTS = Number(options.requests);
/** Compiles what is compiled and fills what is kept, so that growth after it is growth. */
const WARM = 10_000;
const AT_ONCE = 1000;
const GROWTH = 32e6;
const MODELS = { columns: "columns", mlp: "mlp", lookup: "lookup", price: "regression" } as const;
const FIXTURES = path.join(import.meta.dirname, "../server/registry/fixtures");
const folder = benchFolder("fuzz");
const MB = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

async function main(stage: Stage, machine: string): Promise<string[]> {
  for (const [name, fixture] of Object.entries(MODELS)) {
    await stage.promote(name, path.join(FIXTURES, `${fixture}.onnx`));
    await stage.open(name, name, 1);
  }
  const server = await stage.serve("serving", { endpoint: "price" });
  const statuses: Record<string, number> = {};
  const fire = async (requests: number, count: boolean) => {
    for (let left = requests; left > 0; left -= AT_ONCE) {
      const shots = Array.from({ length: Math.min(left, AT_ONCE) }, malformed);
      for (const status of await shoot(server.port, shots, stage.token))
        if (count) statuses[status] = (statuses[status] ?? 0) + 1;
    }
    await sleep(1000);
  };
  await fire(WARM, false);
  const before = residentBytes(server.pid);
  const cpu = server.cpu();
  await fire(REQUESTS, true);
  const each = ((server.cpu() - cpu) / REQUESTS) * 1e6;
  const after = residentBytes(server.pid);
  const isUp = await fetch(`http://127.0.0.1:${server.port}/v2/health/ready`).then(({ ok }) => ok);
  await server.stop();
  const faults = Object.entries(statuses).reduce((sum, [status, n]) => sum + (Number(status) >= 500 ? n : 0), 0);
  const told = Object.entries(statuses).map(([status, n]) => `${status === "0" ? "closed" : status}: ${n}`);
  return [
    `\`npm run bench:serving-fuzz\`: ${machine}. ${REQUESTS.toLocaleString("en")} malformed requests after ${WARM.toLocaleString("en")} that do not count, ${each.toFixed(0)} µs of CPU each; answers ${told.join(", ")} (what was spoiled may still be right).`,
    "",
    "| | reached | target | |",
    "|---|---|---|---|",
    `| answers 5xx | ${faults} | 0 | ${verdict(faults === 0)} |`,
    `| still up | ${isUp ? "yes" : "no"} | yes | ${verdict(isUp)} |`,
    `| resident memory before and after | ${MB(before)}, ${MB(after)} | flat (± ${MB(GROWTH)}) | ${verdict(after - before < GROWTH)} |`,
  ];
}

await measureOnStage("fuzz", folder, options.write, main);
