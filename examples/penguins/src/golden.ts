import { design, type Model, softmax } from "./model.ts";
import { MEASURES, type Penguin } from "./penguin.ts";

const EVERY = 10;

/** Every tenth penguin, the lightest and the heaviest, and one from an island that nobody knows, with the probabilities that the weights give. */
export function goldenRows(model: Model, penguins: Penguin[]) {
  const byMass = [...penguins].sort((a, b) => (a.measures[3] ?? 0) - (b.measures[3] ?? 0));
  const chosen = [...penguins.filter((_, i) => i % EVERY === 0), ...byMass.slice(0, 2), ...byMass.slice(-2)];
  const rows = [...chosen, ...penguins.slice(0, 1).map((penguin) => ({ ...penguin, island: "Atlantis" }))];
  const chances = rows.map((row) => softmax(design(row, model), model.weights, model.bias));
  return {
    framework: "the weights themselves",
    inputs: {
      ...Object.fromEntries(MEASURES.map((name, i) => [name, rows.map((row) => row.measures[i])])),
      island: rows.map((row) => row.island),
    },
    outputs: { label: chances.map((p) => model.classes[p.indexOf(Math.max(...p))]), probabilities: chances },
    // The file computes in single precision.
    tolerance: { absolute: 1e-5, relative: 1e-4 },
  };
}
