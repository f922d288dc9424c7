import { AppError } from "#server/kernel/errors.ts";
import { invalidValue } from "#server/tracking/index.ts";

const DOCS = " See the API docs for more information about request parameters.";

const missing = (place: string) =>
  new AppError("invalid_input", `Missing value for required parameter '${place}'.${DOCS}`, { field: place });

/** The name that Python gives the type of a JSON value; part of a message that clients' tests compare. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return "dict";
}

const wrongType = (place: string, value: unknown) =>
  invalidValue(place, value, ` Hint: Value was of type '${pythonType(value)}'.${DOCS}`);

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * One message of MLflow's API as it came: JSON with snake_case or camelCase names, or a query, in which every value is text. Unknown fields are
 * ignored, numbers may be text, and an absent, null or empty field counts as not set, as in the protocol buffers that the API is generated from.
 */
export class Fields {
  readonly #raw: Readonly<Record<string, unknown>>;
  readonly #at: string;

  constructor(raw: Readonly<Record<string, unknown>>, at = "") {
    this.#raw = raw;
    this.#at = at;
  }

  /** The same message with fields that the address names; those win. */
  with(more: Readonly<Record<string, string>>): Fields {
    return new Fields({ ...this.#raw, ...more }, this.#at);
  }

  #value(name: string): unknown {
    const value = this.#raw[name] ?? this.#raw[camel(name)];
    return value === null ? undefined : value;
  }

  /** Where a field stands, for messages: `key` or `metrics[3].key`. */
  place(name: string): string {
    return this.#at === "" ? name : `${this.#at}.${name}`;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  /** The text of a field, undefined when it is not set. */
  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw wrongType(this.place(name), value);
    // Postgres cannot store this one character, and would say so with an error of its own.
    if (value.includes("\u0000"))
      throw invalidValue(this.place(name), value, "A text must not contain the character NUL.");
    return value;
  }

  /** The text of a field that must be set and not empty. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === "") throw missing(this.place(name));
    return value;
  }

  /** A 64 bit integer. Beyond 2^53 it is rounded, as every number in JavaScript. */
  int(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || value === "") return undefined;
    const number = typeof value === "string" && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isInteger(number) || Math.abs(number) >= 2 ** 63)
      throw wrongType(this.place(name), value);
    return number;
  }

  requiredInt(name: string): number {
    const value = this.int(name);
    if (value === undefined) throw missing(this.place(name));
    return value;
  }

  /** A double; NaN and the infinities come as text. */
  requiredDouble(name: string): number {
    const value = this.#value(name);
    if (value === undefined || value === "") throw missing(this.place(name));
    if (typeof value === "number") return value;
    const words: Readonly<Record<string, number>> = {
      nan: NaN,
      infinity: Infinity,
      "+infinity": Infinity,
      "-infinity": -Infinity,
      inf: Infinity,
      "-inf": -Infinity,
    };
    if (typeof value === "string") {
      const number = words[value.toLowerCase()] ?? (value.trim() === "" ? NaN : Number(value));
      if (!Number.isNaN(number) || value.toLowerCase() === "nan") return number;
    }
    throw wrongType(this.place(name), value);
  }

  bool(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === "boolean") return value;
    if (value === "true" || value === "false") return value === "true";
    throw new AppError("invalid_input", `Invalid boolean value: ${JSON.stringify(value)}, must be 'true' or 'false'.`, {
      field: this.place(name),
    });
  }

  /** One of a few words, which may also come as the number that stands for it. */
  word<T extends string>(name: string, numbers: Readonly<Record<T, number>>): T | undefined {
    const value = this.#value(name);
    if (value === undefined || value === "") return undefined;
    const entries = Object.entries(numbers) as [T, number][];
    const found = entries.find(([word, number]) => word === value || number === value || String(number) === value);
    if (!found) throw invalidValue(this.place(name), value);
    return found[0];
  }

  #list(name: string): unknown[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw wrongType(this.place(name), value);
    return value as unknown[];
  }

  /** A list of texts; a query may name it once or often. */
  texts(name: string): string[] {
    const value = this.#value(name);
    const list = typeof value === "string" ? [value] : this.#list(name);
    return list.map((item) => {
      if (typeof item !== "string" || item.includes("\u0000")) throw wrongType(this.place(name), value);
      return item;
    });
  }

  /**
   * A list of messages that `read` takes as they are, for long lists of what clients mostly send. null when one of them is anything else: then
   * `messages` says what is wrong with it.
   */
  plain<T>(name: string, read: (item: Readonly<Record<string, unknown>>) => T | null): T[] | null {
    const list = this.#value(name);
    if (!Array.isArray(list)) return null;
    const found: T[] = [];
    for (const item of list as unknown[]) {
      const one = typeof item === "object" && item !== null ? read(item as Record<string, unknown>) : null;
      if (one === null) return null;
      found.push(one);
    }
    return found;
  }

  /** A list of messages. */
  messages<T>(name: string, read: (item: Fields) => T): T[] {
    return this.#list(name).map((item, i) => {
      const at = this.place(`${name}[${i}]`);
      if (typeof item !== "object" || item === null || Array.isArray(item)) throw wrongType(at, item);
      return read(new Fields(item as Record<string, unknown>, at));
    });
  }

  /** A message inside this one; without it, an empty one. */
  message(name: string): Fields {
    const value = this.#value(name);
    if (value === undefined) return new Fields({}, this.place(name));
    if (typeof value !== "object" || Array.isArray(value)) throw wrongType(this.place(name), value);
    return new Fields(value as Record<string, unknown>, this.place(name));
  }
}

/** `{key, value}` as tags and parameters come; a value that is not set is the empty text. */
export function pair(item: Fields): { key: string; value: string } {
  return { key: item.required("key"), value: item.text("value") ?? "" };
}
