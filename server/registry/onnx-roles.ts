import { AppError } from "#server/kernel/errors.ts";
import { type ModelSignature, type ModelTask, rowWidth, type TensorSignature } from "./signature.ts";

/** Keys of the metadata by which a training script tells what its outputs mean. */
const METADATA_KEYS = {
  task: "touchstone.task",
  classes: "touchstone.classes",
  positive: "touchstone.positive",
  labelColumn: "touchstone.label_column",
} as const;

const NAMES = {
  label: ["label", "output_label"],
  probabilities: ["probabilities", "output_probability", "probability"],
  value: ["value", "variable"],
};
const TASKS = new Map<string, ModelTask>([
  ["classification", "classification"],
  ["binary", "classification"],
  ["multiclass", "classification"],
  ["binary_classification", "classification"],
  ["multiclass_classification", "classification"],
  ["regression", "regression"],
]);
const isFloat = (t: TensorSignature) => ["FP16", "FP32", "FP64"].includes(t.datatype);
const isDiscrete = (t: TensorSignature) => ["BYTES", "INT64", "INT32", "BOOL"].includes(t.datatype);

type Meaning = Pick<ModelSignature, "task" | "classes" | "positive" | "labelColumn" | "roles">;

/**
 * What the outputs mean: first by the metadata the author wrote, then by the usual names, then by type. Never guesses beyond that: an
 * output without a role is served all the same, only the product computes nothing from it.
 * Throws `invalid_input` when the metadata contradicts itself or the outputs.
 */
export function readMeaning(outputs: TensorSignature[], metadata: Record<string, string>): Meaning {
  const stated = metadata[METADATA_KEYS.task];
  const statedTask = stated === undefined ? undefined : TASKS.get(stated.trim().toLowerCase());
  if (stated !== undefined && !statedTask)
    throw contradiction(METADATA_KEYS.task, stated, "Write classification or regression.");
  const classes = readClasses(metadata[METADATA_KEYS.classes]);
  const positive = metadata[METADATA_KEYS.positive] ?? null;
  if (positive !== null && classes && !classes.includes(positive))
    throw contradiction(METADATA_KEYS.positive, positive, `Choose one of its classes: ${classes.join(", ")}.`);
  const roles = findRoles(outputs, statedTask);
  const task =
    statedTask ?? (roles.label || roles.probabilities ? "classification" : roles.value ? "regression" : null);
  checkWidth(outputs, roles.probabilities, classes);
  return { task, classes, positive, labelColumn: metadata[METADATA_KEYS.labelColumn] ?? null, roles };
}

function findRoles(outputs: TensorSignature[], task: ModelTask | undefined): ModelSignature["roles"] {
  const named = (names: string[], fits: (t: TensorSignature) => boolean) =>
    outputs.find((t) => names.includes(t.name) && fits(t)) ?? null;
  const roles: ModelSignature["roles"] = {};
  if (task !== "regression") {
    const label = named(NAMES.label, isDiscrete) ?? outputs.find((t) => isDiscrete(t) && rowWidth(t) === 1);
    const others = outputs.filter((t) => t !== label);
    const several = others.find((t) => isFloat(t) && t.shape.length === 2 && t.shape[1] !== 1);
    const probabilities = named(NAMES.probabilities, isFloat) ?? several;
    if (label) roles.label = label.name;
    if (probabilities) roles.probabilities = probabilities.name;
    if (label || probabilities || task) return roles;
  }
  const floats = outputs.filter((t) => isFloat(t) && rowWidth(t) === 1);
  const value = named(NAMES.value, isFloat) ?? (floats.length === 1 ? floats[0] : undefined);
  if (value) roles.value = value.name;
  return roles;
}

/** A JSON array of names, or names separated by commas. */
function readClasses(raw: string | undefined): string[] | null {
  if (raw === undefined || raw.trim() === "") return null;
  let names: unknown = raw.split(",").map((s) => s.trim());
  if (raw.trimStart().startsWith("[")) {
    try {
      names = JSON.parse(raw);
    } catch {
      throw contradiction(METADATA_KEYS.classes, raw, 'Write a JSON array of names, such as ["no", "yes"].');
    }
  }
  const classes = Array.isArray(names) ? names.map(String) : [];
  if (classes.length < 2 || classes.includes("") || new Set(classes).size < classes.length)
    throw contradiction(METADATA_KEYS.classes, raw, "Name at least two different classes.");
  return classes;
}

function checkWidth(outputs: TensorSignature[], name: string | undefined, classes: string[] | null): void {
  const width = outputs.find((t) => t.name === name)?.shape[1];
  // One column for two classes is the probability of the positive class.
  if (!classes || width === undefined || width < 0 || width === classes.length || (width === 1 && classes.length === 2))
    return;
  const raw = JSON.stringify(classes);
  throw contradiction(METADATA_KEYS.classes, raw, `The output '${name}' has ${width} columns; name as many classes.`);
}

function contradiction(key: string, value: string, remedy: string): AppError {
  return new AppError("invalid_input", `The model's metadata '${key}' is wrong.`, { field: key, value, remedy });
}
