import { wrong } from "./refusal.ts";
import type { Keys } from "./router.ts";

type Json = Readonly<Record<string, unknown>>;
const ID_LENGTH = 128;
const KEY_LENGTH = 256;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The caller's own id; null for none. Throws a Refusal. */
export function readId(given: unknown): string | null {
  if (given === undefined || given === null || given === "") return null;
  const fits = typeof given === "string" && given.length <= ID_LENGTH && !/\p{Cc}/u.test(given);
  if (!fits) throw wrong("id", `a string of at most ${ID_LENGTH} characters without control characters`, given);
  return given;
}

/**
 * Of whom a request speaks: `entity_key` of some parameters, one for all rows or a list with one per row; null without. Throws a Refusal with the place.
 */
export function readKeys(parameters: unknown, where: string | null): Keys | null {
  if (!isObject(parameters)) return null;
  const given = parameters["entity_key"];
  if (given === undefined || given === null) return null;
  const place = where === null ? "entity_key" : `${where}.entity_key`;
  if (!Array.isArray(given)) return readKey(given, place);
  if (given.length === 0) throw wrong(place, "one key for all rows, or one per row", given);
  return given.map((key: unknown, i) => readKey(key, `${place}[${i}]`));
}

/** One key: a text, or a whole number, which is the text of its digits. */
export function readKey(given: unknown, place: string): string {
  if (typeof given === "number" && Number.isSafeInteger(given)) return String(given);
  const fits = typeof given === "string" && given !== "" && given.length <= KEY_LENGTH && !/\p{Cc}/u.test(given);
  if (!fits) throw wrong(place, `a text of at most ${KEY_LENGTH} characters, or a whole number`, given);
  return given;
}

/** When the scored things happened: `event_time` of some parameters. Throws a Refusal with the place. */
export function readEventTimes(
  parameters: unknown,
  rows: number,
  where = "parameters",
): number | readonly number[] | null {
  if (parameters === undefined || parameters === null) return null;
  if (!isObject(parameters)) throw wrong(where, "an object", parameters);
  const given = parameters["event_time"];
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) return readTime(given, `${where}.event_time`);
  if (given.length !== rows) throw wrong(`${where}.event_time`, `one time for all rows, or ${rows}`, given.length);
  return given.map((time: unknown, i) => readTime(time, `${where}.event_time[${i}]`));
}

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** An ISO 8601 time as milliseconds since 1970; without a zone it is UTC. Throws a Refusal with the place. */
export function readTime(given: unknown, place: string): number {
  const match = typeof given === "string" ? ISO.exec(given) : null;
  const text = match ? match[0].replace(" ", "T") : "";
  const time = Date.parse(text.includes("T") && !match?.[1] ? `${text}Z` : text);
  if (Number.isNaN(time)) throw wrong(place, "an ISO 8601 time", given, 'write it as "2013-07-01T06:30:00Z"');
  return time;
}
