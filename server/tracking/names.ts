import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { LIMITS } from "./contract.ts";

// The sentences here are compared by MLflow clients and their tests, word by word.

const NAME = /^[/\p{L}\p{N}\p{M}\p{Pc}.\- :]*$/u;
const BAD_CHARACTERS =
  "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";

/** JSON as Python's json.dumps writes it with sorted keys and no spaces: everything beyond ASCII is escaped. */
export function pythonJson(value: unknown): string {
  const ascii = (text: string) =>
    text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([k, v]) => `${ascii(JSON.stringify(k))}:${pythonJson(v)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value))
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return ascii(JSON.stringify(value ?? null));
}

export function invalidValue(place: string, value: unknown, why?: string): AppError {
  const said = `Invalid value ${pythonJson(value)} for parameter '${place}' supplied`;
  return new AppError("invalid_input", why === undefined ? `${said}.` : `${said}: ${why}`, { field: place });
}

export function missingValue(place: string): AppError {
  return new AppError("invalid_input", `Missing value for required parameter '${place}'.`, { field: place });
}

/** What a name would be as a path: names become folders in some clients' stores and must not turn into others there. */
function asPath(name: string): string {
  const normal = path.posix.normalize(name).replace(/(.)\/$/, "$1");
  return normal === "" ? "." : normal;
}

/** A key of a metric, parameter or tag. Errors: invalid_input in MLflow's words. */
export function checkName(name: string, place: string): void {
  if (!NAME.test(name)) throw invalidValue(place, name, BAD_CHARACTERS);
  const resolved = asPath(name);
  if (resolved !== name || resolved === "." || resolved.startsWith("..") || resolved.startsWith("/"))
    throw invalidValue(
      place,
      name,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${resolved}'`,
    );
}

/** Refuses what is longer than `limit` characters. */
export function checkLength(what: string, limit: number, value: string): void {
  if (value.length > limit)
    throw new AppError("invalid_input", `'${what}' exceeds the maximum length of ${limit} characters`, { field: what });
}

/** Cut to `limit` characters without leaving half of a surrogate pair, which no UTF-8 can carry. */
export function truncate(value: string, limit: number): string {
  if (value.length <= limit) return value;
  const cut = value.slice(0, limit);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** A parameter as it will be stored: its key checked, a value that is too long cut. */
export function checkedParam(param: { key: string; value: string }, at = ""): { key: string; value: string } {
  checkName(param.key, at ? `${at}.key` : "key");
  checkLength("Param key", LIMITS.key, param.key);
  return { key: param.key, value: truncate(param.value, LIMITS.paramValue) };
}

/** A run's tag as it will be stored: its key checked, a value that is too long cut. */
export function checkedTag(tag: { key: string; value: string }, at = ""): { key: string; value: string } {
  const place = at ? `${at}.key` : "key";
  checkName(tag.key, place);
  checkLength(place, LIMITS.key, tag.key);
  return { key: tag.key, value: truncate(tag.value, LIMITS.tagValue) };
}

/** An experiment's tag. Nothing is cut here. */
export function checkExperimentTag(tag: { key: string; value: string }): void {
  checkName(tag.key, "key");
  checkLength("key", LIMITS.key, tag.key);
  checkLength("value", LIMITS.experimentTagValue, tag.value);
}

export function checkExperimentName(name: string): void {
  if (name === "") throw new AppError("invalid_input", `Invalid experiment name: '${name}'`, { field: "name" });
  checkLength("name", LIMITS.experimentName, name);
}

const MODEL_NAME_REFUSED = ["/", ":", ".", "%", '"', "'"];

/** The name of a logged model. */
export function checkLoggedModelName(name: string): void {
  if (name !== "" && !MODEL_NAME_REFUSED.some((c) => name.includes(c))) return;
  throw new AppError(
    "invalid_input",
    `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    { field: "name", value: name },
  );
}
