// Trains one candidate: a softmax regression on the measures ("linear") or also on their squares and products ("quadratic").
// How good it is on unseen rows is estimated by cross-validation, so that the hold-out stays unseen.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { exportModel } from "./export.ts";
import { type Row, writeCsv } from "./csv.ts";
import { fit, folds, type Options } from "./fit.ts";
import { goldenRows } from "./golden.ts";
import { design, score, softmax } from "./model.ts";
import { FEATURES, readPenguins } from "./penguin.ts";
import { type Point, track } from "./tracking.ts";

const FOLDS = 5;
const EVERY = 10;
const { values } = parseArgs({
  options: {
    split: { type: "string", default: "work/split" },
    out: { type: "string", default: "work/model" },
    basis: { type: "string", default: "linear" },
    epochs: { type: "string", default: "300" },
    "learning-rate": { type: "string", default: "0.5" },
    seed: { type: "string", default: "2007" },
  },
});
const basis = values.basis === "quadratic" ? "quadratic" : "linear";
if (basis !== values.basis) throw new Error(`--basis is linear or quadratic, not '${values.basis}'.`);
// The quadratic basis has three times the weights for the same few rows and needs the stronger brake.
const options: Options = {
  basis,
  epochs: Number(values.epochs),
  learningRate: Number(values["learning-rate"]) * (basis === "quadratic" ? 0.2 : 1),
  l2: basis === "quadratic" ? 0.01 : 0.001,
  seed: Number(values.seed),
};

const { penguins, incomplete } = readPenguins(`${values.split}/train.csv`);
const split = JSON.parse(readFileSync(`${values.split}/split.json`, "utf8"));
const classes = [...new Set(penguins.map((p) => p.species))].sort();
if (classes.length < 2) throw new Error(`The training rows know only the species ${classes.join()}.`);

await track(`penguins-${basis}`, async (run) => {
  await run.params({
    ...options,
    folds: FOLDS,
    rows: penguins.length,
    incomplete_rows: incomplete,
    features: FEATURES.join(","),
  });
  await run.input({
    name: "penguins",
    digest: split.source_sha256.slice(0, 32),
    source: "dataset:penguins",
    context: "training",
    rows: penguins.length,
  });

  const curves: Point[] = [];
  const unseen: { loss: number; right: number; n: number }[] = [];
  const predictions: Row[] = [];
  folds(penguins, FOLDS, options.seed).forEach((test, f, all) => {
    const rest = all.filter((_, other) => other !== f).flat();
    const model = fit(rest, classes, options, (epoch, _, now) => {
      if (f === 0 && epoch % EVERY === 0)
        curves.push({ key: "validation_loss", value: score(now, test).log_loss, step: epoch });
    });
    const s = score(model, test);
    unseen.push({ loss: s.log_loss * s.n, right: s.accuracy * s.n, n: s.n });
    for (const penguin of test) {
      const chances = softmax(design(penguin, model), model.weights, model.bias);
      predictions.push({
        sample_number: String(penguin.sampleNumber),
        label: penguin.species,
        prediction: classes[chances.indexOf(Math.max(...chances))] ?? "",
        ...Object.fromEntries(classes.map((name, k) => [`probability_${name}`, String(chances[k])])),
        island: penguin.island,
      });
    }
  });
  const model = fit(penguins, classes, options, (epoch, loss) => {
    if (epoch % EVERY === 0) curves.push({ key: "train_loss", value: loss, step: epoch });
  });
  await run.curves(curves);

  const sum = (pick: (u: (typeof unseen)[number]) => number) => unseen.reduce((total, u) => total + pick(u), 0);
  const metrics = {
    cv_accuracy: sum((u) => u.right) / penguins.length,
    cv_log_loss: sum((u) => u.loss) / penguins.length,
    train_accuracy: score(model, penguins).accuracy,
  };
  for (const [key, value] of Object.entries(metrics)) await run.metric(key, value);

  // Each row as it was predicted by the fold that had not seen it: Touchstone computes scores and curves of what it finds here.
  await run.artifact("touchstone/predictions.csv", Buffer.from(writeCsv(predictions)));
  const file = exportModel(model);
  await run.artifact("model.onnx", file);
  // The model's own answers, computed from its weights: Touchstone proves the file by them wherever it is loaded.
  await run.artifact("touchstone/golden.json", Buffer.from(JSON.stringify(goldenRows(model, penguins))));
  const card = {
    run_id: run.id,
    logged_model_id: null,
    algo: basis,
    metrics,
    features: FEATURES,
    task: "multiclass_classification",
  };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(`${values.out}/model.onnx`, file);
  writeFileSync(`${values.out}/weights.json`, `${JSON.stringify(model)}\n`);
  writeFileSync(`${values.out}/touchstone.json`, `${JSON.stringify(card, null, 2)}\n`);
  console.log(`${basis}: ${JSON.stringify(metrics)}`);
});
