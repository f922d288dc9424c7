import type { EvaluationColumns, EvaluationTask, PredictionsFileDto } from "./evaluations-contract.ts";

type Column = PredictionsFileDto["columns"][number];

const LABELS = ["label", "actual", "y_true", "target", "truth", "ground_truth", "outcome", "true_label", "y"];
const PREDICTIONS = [
  "prediction",
  "predicted",
  "y_pred",
  "pred",
  "predicted_label",
  "prediction_label",
  "yhat",
  "y_hat",
];
const CHANCES = [
  "probability",
  "proba",
  "prob",
  "score",
  "y_prob",
  "y_proba",
  "y_score",
  "p",
  "prediction_score",
  "predicted_probability",
];
const CHANCE_OF = /^(?:predicted_)?(?:probability|probabilities|proba|prob|score|p)[_ .-]?(.+)$/i;
const SEGMENT_VALUES = 20;
const CLASSES_OF_NUMBERS = 20;

const named = (columns: readonly Column[], names: readonly string[]): Column | undefined => {
  for (const name of names) {
    const found = columns.find((column) => column.name.toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
};

/** What the columns of a predictions file mean, by their names and values; `notes` say what is doubtful. null without a label or a prediction. */
export function guessColumns(columns: readonly Column[]): Pick<PredictionsFileDto, "guess" | "notes"> {
  const label = named(columns, LABELS);
  const prediction = named(columns, PREDICTIONS) ?? null;
  if (!label)
    return {
      guess: null,
      notes: [
        `No column is named ${LABELS.slice(0, 4).join(", ")} or the like: say which one holds what really happened.`,
      ],
    };
  const rest = columns.filter((column) => column !== label && column !== prediction);
  const chances = rest.filter((column) => column.kind === "number");
  const whole = label.distinct?.every((text) => Number.isInteger(Number(text))) ?? false;
  const single = named(chances, CHANCES);
  const classes = label.distinct ?? [];
  const perClass = chances.flatMap((column) => {
    const said = CHANCE_OF.exec(column.name)?.[1];
    const known = classes.find((one) => one.toLowerCase() === said?.toLowerCase());
    return known === undefined ? [] : [{ column: column.name, class: known }];
  });
  const task: EvaluationTask =
    label.kind === "text" ||
    label.kind === "boolean" ||
    ((single !== undefined || perClass.length > 0 || (whole && prediction?.distinct !== null)) &&
      whole &&
      classes.length <= CLASSES_OF_NUMBERS)
      ? "classification"
      : "regression";
  const notes: string[] = [];
  if (task === "regression" && !prediction)
    return {
      guess: null,
      notes: ["No column is named prediction or the like: say which one holds what was predicted."],
    };
  const probabilities: EvaluationColumns["probabilities"][number][] = [];
  let positive: string | null = null;
  if (task === "classification") {
    if (classes.length === 2) positive = positiveOf(classes);
    if (perClass.length > 0 && (classes.length <= 2 || perClass.length === classes.length))
      probabilities.push(...perClass);
    else if (single && classes.length <= 2) {
      probabilities.push({ column: single.name, class: positive ?? classes[0] ?? "1" });
      if (positive !== null) notes.push(`${single.name} is taken as the probability of ${positive}.`);
    } else if (perClass.length > 0)
      notes.push(
        `Only ${perClass.length} of ${classes.length} classes have a column of probabilities, so none is used.`,
      );
    if (!prediction && probabilities.length === 0)
      return {
        guess: null,
        notes: ["No column is named prediction or probability: say which one holds what was predicted."],
      };
    if (!prediction) notes.push("Without a column of predictions the most probable class counts as predicted.");
  }
  const used = new Set([label.name, prediction?.name, ...probabilities.map((one) => one.column)]);
  const segments = columns
    .filter((column) => !used.has(column.name) && (column.kind === "text" || column.kind === "boolean"))
    .filter(
      (column) => column.distinct !== null && column.distinct.length > 1 && column.distinct.length <= SEGMENT_VALUES,
    )
    .map((column) => column.name)
    .slice(0, 4);
  return {
    guess: {
      task,
      positive,
      columns: { label: label.name, prediction: prediction?.name ?? null, probabilities, segments },
    },
    notes,
  };
}

/** Of two classes the one that a question asks for: 1, true, yes; else the last in order. */
function positiveOf(classes: readonly string[]): string | null {
  return classes.find((text) => /^(1|true|yes|y|positive|pos)$/i.test(text)) ?? classes.at(-1) ?? null;
}
