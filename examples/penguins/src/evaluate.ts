// Chooses the candidate with the lowest cross-validated log loss, then looks at the hold-out once, with the chosen one.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Model, score } from "./model.ts";
import { readPenguins } from "./penguin.ts";
import { resume } from "./tracking.ts";

const { values, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: { split: { type: "string", default: "work/split" }, best: { type: "string" }, metrics: { type: "string" } },
});
const { best = "models/best", metrics: metricsFile = "reports/metrics.json" } = values;
if (folders.length === 0) throw new Error("Name the folders of the candidates.");

interface Card {
  run_id: string;
  algo: string;
  metrics: Record<string, number>;
}
const candidates = folders.map((folder) => {
  const card: Card = JSON.parse(readFileSync(`${folder}/touchstone.json`, "utf8"));
  return { folder, card, loss: card.metrics["cv_log_loss"] ?? Infinity };
});
candidates.sort((a, b) => a.loss - b.loss);
for (const { card, loss } of candidates)
  console.log(`${card.algo.padEnd(10)} cross-validated log loss ${loss.toFixed(4)}`);

const [chosen] = candidates;
if (!chosen) throw new Error("There is no candidate.");
const model: Model = JSON.parse(readFileSync(`${chosen.folder}/weights.json`, "utf8"));
const { penguins } = readPenguins(`${values.split}/holdout.csv`);
const { accuracy, log_loss, n } = score(model, penguins);
await resume(chosen.card.run_id).metric("accuracy", accuracy);
await resume(chosen.card.run_id).metric("log_loss", log_loss);
const metrics = { ...chosen.card.metrics, accuracy, log_loss, n_holdout: n };

cpSync(chosen.folder, best, { recursive: true });
writeFileSync(`${best}/touchstone.json`, `${JSON.stringify({ ...chosen.card, metrics }, null, 2)}\n`);
writeFileSync(metricsFile, `${JSON.stringify({ algo: chosen.card.algo, ...metrics }, null, 2)}\n`);
console.log(
  `chosen: ${chosen.card.algo}; on ${n} hold-out penguins accuracy ${accuracy.toFixed(4)}, log loss ${log_loss.toFixed(4)}`,
);
