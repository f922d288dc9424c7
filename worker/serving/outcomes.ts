import type { Outcome } from "#server/serving/contract.ts";
import { isObject, readTime } from "./request-facts.ts";
import type { Surface } from "./surface.ts";
import { show, wrong } from "./refusal.ts";

const MOST = 10_000;

/** Reads the body of POST …/outcomes. Throws a Refusal that names the first wrong place. */
export function readOutcomes(body: unknown, { entry }: Pick<Surface, "entry">): Outcome[] {
  const given = isObject(body) ? body["outcomes"] : undefined;
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST)
    throw wrong(
      "outcomes",
      `a list of 1 to ${MOST} outcomes`,
      Array.isArray(given) ? `${given.length} of them` : given,
    );
  const { classes, task } = entry.signature;
  return given.map((outcome: unknown, i) => {
    const place = `outcomes[${i}]`;
    if (!isObject(outcome)) throw wrong(place, "an object with id and label or value", outcome);
    const { id, label, value, observed_at } = outcome;
    if (typeof id !== "string" || id === "")
      throw wrong(`${place}.id`, "the id of a prediction", id, "it is in parameters.prediction_ids of the answer");
    const hasLabel = label !== undefined && label !== null;
    const hasValue = value !== undefined && value !== null;
    if (hasLabel === hasValue) throw wrong(place, "either label or value", outcome);
    if (hasValue && (typeof value !== "number" || !Number.isFinite(value)))
      throw wrong(`${place}.value`, "a finite number", value);
    if (hasLabel && task === "regression")
      throw wrong(place, "value, the number that came true", `label ${show(label)}`);
    if (hasValue && task === "classification")
      throw wrong(place, "label, the class that came true", `value ${show(value)}`);
    const text = hasLabel ? readLabel(label, `${place}.label`) : null;
    if (text !== null && classes && !classes.includes(text))
      throw wrong(`${place}.label`, `one of ${classes.map((c) => `"${c}"`).join(", ")}`, label);
    return {
      predictionId: id,
      label: text,
      value: hasValue ? value : null,
      observedAt:
        observed_at === undefined || observed_at === null ? null : readTime(observed_at, `${place}.observed_at`),
    };
  });
}

/** Classes are text to the product; a caller may send those of a model with whole numbers or truth values as they are. */
function readLabel(label: unknown, place: string): string {
  if (typeof label === "string" || typeof label === "boolean" || Number.isFinite(label)) return String(label);
  throw wrong(place, "a class", label);
}
