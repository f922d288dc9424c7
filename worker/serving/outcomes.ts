import type { EntityOutcome, Outcome, ToldOutcome } from "#server/serving/contract.ts";
import { isObject, readTime } from "./request-facts.ts";
import type { Surface } from "./surface.ts";
import { show, wrong } from "./refusal.ts";

const MOST = 10_000;
/** How far a caller's clock may run before ours. Beyond it a time is a mistake: seconds read as milliseconds, a local time sent as UTC, a due date. */
const SKEW_MS = 5 * 60_000;
/** No id, key or class holds one of these, and a database keeps no text with the first of them. */
const CONTROL = /\p{Cc}/u;

/** Reads the body of POST …/outcomes. Throws a Refusal that names the first wrong place. */
export function readOutcomes(body: unknown, { entry }: Pick<Surface, "entry">): ToldOutcome[] {
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
    if (!isObject(outcome)) throw wrong(place, "an object with id or entity_key, and label or value", outcome);
    const { label, value } = outcome;
    const whose = readWhose(outcome, place);
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
    return { ...whose, label: text, value: hasValue ? value : null };
  });
}

/** What an outcome speaks of: a prediction by its id, or the last one of an entity before a time. */
function readWhose(
  outcome: Readonly<Record<string, unknown>>,
  place: string,
): Pick<Outcome, "predictionId" | "observedAt"> | Pick<EntityOutcome, "entityKey" | "observedAt" | "since"> {
  const { id, entity_key, observed_at, since } = outcome;
  const has = (given: unknown) => given !== undefined && given !== null;
  const time = (given: unknown, name: string) => (has(given) ? readTime(given, `${place}.${name}`) : null);
  const observed = () => (has(observed_at) ? readPast(observed_at, `${place}.observed_at`) : null);
  if (has(id) && has(entity_key)) throw wrong(place, "either id or entity_key", outcome);
  if (!has(entity_key)) {
    if (typeof id !== "string" || id === "")
      throw wrong(`${place}.id`, "the id of a prediction", id, "it is in parameters.prediction_ids of the answer");
    if (CONTROL.test(id)) throw wrong(`${place}.id`, "an id without control characters", id);
    if (has(since)) throw wrong(`${place}.since`, "nothing beside id", since, "it bounds the time of an entity_key");
    return { predictionId: id, observedAt: observed() };
  }
  if (typeof entity_key !== "string" || entity_key === "" || CONTROL.test(entity_key))
    throw wrong(`${place}.entity_key`, "the key that the prediction was asked with", entity_key);
  const observedAt = observed();
  if (observedAt === null)
    throw wrong(`${place}.observed_at`, "a time", observed_at, "it says which prediction of the entity is meant");
  const earliest = time(since, "since");
  if (earliest !== null && earliest > observedAt) throw wrong(`${place}.since`, "a time before observed_at", since);
  return { entityKey: entity_key, observedAt, since: earliest };
}

/** A time that has come: what is told as true in a month was not observed, and would count in a window that nobody looks at yet. */
function readPast(given: unknown, place: string): number {
  const time = readTime(given, place);
  const now = Date.now();
  if (time > now + SKEW_MS)
    throw wrong(
      place,
      "a time that has come",
      given,
      `it is ${new Date(now).toISOString()} here; send when it came true, with its zone, or leave it out for now`,
    );
  return time;
}

/** Classes are text to the product; a caller may send those of a model with whole numbers or truth values as they are. */
function readLabel(label: unknown, place: string): string {
  if (typeof label === "boolean" || Number.isFinite(label)) return String(label);
  if (typeof label === "string" && !label.includes("\u0000")) return label;
  throw wrong(place, "a class", label);
}
