import { AppError } from "./errors.ts";

/** The operators of a filter, in the one spelling that `parseComparisons` returns. */
export const OPERATORS = [
  "=",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "LIKE",
  "ILIKE",
  "IN",
  "NOT IN",
  "IS NULL",
  "IS NOT NULL",
] as const;
export type Operator = (typeof OPERATORS)[number];

export type ComparisonValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number; readonly integer: boolean }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "none" };

/** One comparison of a filter, e.g. metrics.`val loss` <= 0.3. */
export interface Comparison {
  /** What stands before the first dot ("metrics"), or null for a bare name. */
  readonly entity: string | null;
  /** The name after the dot, without its quotes. */
  readonly key: string;
  readonly operator: Operator;
  readonly value: ComparisonValue;
  /** The value as it was written. */
  readonly raw: string;
  /** Where it stands in the filter, in characters; `end` is one past the last. */
  readonly start: number;
  readonly end: number;
}

interface Token {
  readonly kind: "name" | "operator" | "text" | "number" | "list" | "comma";
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

const QUOTED = "'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"";
const PATTERNS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["list", new RegExp(`\\((?:\\s*(?:${QUOTED})\\s*,?)*\\s*\\)`, "y")],
  ["text", new RegExp(QUOTED, "y")],
  ["number", /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.`"])/y],
  ["operator", /!=|<>|>=|<=|==|=|>|</y],
  // A name may hold what metric names hold; spaces, and keys that look like more, stand in backticks or double quotes.
  ["name", /(?:`[^`]+`|[\w][\w/:-]*)(?:\.(?:`[^`]+`|"[^"]+"|'[^']+'|[\w./:-]+))?/y],
];

/**
 * A refusal that says where: `value` holds the first and the end character of what is wrong. The message is MLflow's; `remedy` says in plain words what
 * to write instead.
 */
export function filterError(
  message: string,
  place: { readonly start: number; readonly end: number },
  remedy?: string,
): AppError {
  const value = { start: place.start, end: place.end };
  return new AppError("invalid_input", message, {
    field: "filter",
    value,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    let token: Token | undefined;
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match) {
        token = { kind, raw: match[0], start: at, end: at + match[0].length };
        break;
      }
    }
    if (!token)
      throw filterError(`Invalid clause(s) in filter string: '${text.slice(at)}'`, { start: at, end: text.length });
    found.push(token);
    at = token.end;
  }
  return found;
}

/** Without its quotes; a doubled quote inside stands for one. */
function unquote(raw: string): string {
  const quote = raw.charAt(0);
  if (raw.length >= 2 && (quote === "'" || quote === '"' || quote === "`") && raw.endsWith(quote))
    return raw.slice(1, -1).replaceAll(quote + quote, quote);
  return raw;
}

function valueOf(token: Token): ComparisonValue {
  switch (token.kind) {
    case "text":
      return { kind: "text", text: unquote(token.raw) };
    case "number":
      return { kind: "number", number: Number(token.raw), integer: /^[-+]?\d+$/.test(token.raw) };
    case "list":
      return { kind: "list", items: Array.from(token.raw.matchAll(new RegExp(QUOTED, "g")), (m) => unquote(m[0])) };
    default:
      return { kind: "word", word: token.raw };
  }
}

/** Names that are operators or joints where no quotes stand around them. */
const isWord = (token: Token | undefined, word: string) => token?.kind === "name" && token.raw.toUpperCase() === word;

const CLAUSE_HERE = "Write a name, an operator and a value: metrics.loss < 0.5.";
const OPERATOR_HERE = "An operator belongs here: =, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL.";
const VALUE_HERE = "A value belongs here: a number, or a text in quotes.";

class Reader {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** A refusal of all from a token on, as MLflow words it; what is wrong is `at`, or that the text ends. */
  #rest(from: Token, at: Token | undefined, remedy: string): AppError {
    const end = this.#text.length;
    return filterError(
      `Invalid clause(s) in filter string: '${this.#text.slice(from.start)}'`,
      at ? { start: at.start, end: at.end } : { start: end, end },
      remedy,
    );
  }

  #operator(after: Token): Operator {
    const token = this.#peek();
    if (!token) throw this.#rest(after, token, OPERATOR_HERE);
    this.#at++;
    if (token.kind === "operator") {
      if (token.raw === "<>") return "!=";
      return token.raw === "==" ? "=" : (token.raw as Operator);
    }
    const word = token.raw.toUpperCase();
    if (token.kind === "name" && (word === "LIKE" || word === "ILIKE" || word === "IN")) return word;
    if (word === "NOT" && isWord(this.#peek(), "IN")) {
      this.#at++;
      return "NOT IN";
    }
    if (word === "IS" && isWord(this.#peek(), "NULL")) {
      this.#at++;
      return "IS NULL";
    }
    if (word === "IS" && isWord(this.#peek(), "NOT") && isWord(this.#peek(1), "NULL")) {
      this.#at += 2;
      return "IS NOT NULL";
    }
    throw this.#rest(after, token, OPERATOR_HERE);
  }

  comparison(): Comparison {
    const name = this.#peek();
    if (!name) throw filterError("Invalid comparison clause", { start: this.#text.length, end: this.#text.length });
    if (name.kind !== "name") throw this.#rest(name, name, CLAUSE_HERE);
    this.#at++;
    const operator = this.#operator(name);
    const dot = name.raw.startsWith("`") ? -1 : name.raw.indexOf(".");
    const named = {
      entity: dot < 0 ? null : name.raw.slice(0, dot),
      key: unquote(dot < 0 ? name.raw : name.raw.slice(dot + 1)),
      operator,
      start: name.start,
    };
    const last = this.#tokens[this.#at - 1] ?? name;
    if (operator === "IS NULL" || operator === "IS NOT NULL")
      return { ...named, value: { kind: "none" }, raw: "", end: last.end };
    const value = this.#peek();
    if (!value || value.kind === "operator") throw this.#rest(name, value, VALUE_HERE);
    this.#at++;
    return { ...named, value: valueOf(value), raw: value.raw, end: value.end };
  }

  /** Steps over AND; anything else between two comparisons is refused, above all OR. */
  and(): void {
    const token = this.#peek();
    if (!token) return;
    if (!isWord(token, "AND"))
      throw filterError(
        `Invalid clause(s) in filter string: '${token.raw}'`,
        { start: token.start, end: token.end },
        isWord(token, "OR")
          ? "Comparisons are joined by AND alone; search once for each side of an OR."
          : "Join comparisons by AND, and put texts in quotes.",
      );
    this.#at++;
    if (this.done) throw this.#rest(token, undefined, CLAUSE_HERE);
  }
}

/**
 * The comparisons of a filter in MLflow's grammar: `name operator value`, joined by AND; there is no OR and no bracket. Names are checked by
 * whoever asked. Errors: invalid_input with field "filter" and the place in `value`.
 */
export function parseComparisons(filter: string): Comparison[] {
  const reader = new Reader(filter);
  const found: Comparison[] = [];
  while (!reader.done) {
    found.push(reader.comparison());
    reader.and();
  }
  return found;
}

export interface Ordering {
  readonly entity: string | null;
  readonly key: string;
  readonly ascending: boolean;
}

const ORDER = /^\s*(?:`([^`]+)`|(\w+)(?:\.(?:`([^`]+)`|"([^"]+)"|'([^']+)'|([\w./:-]+)))?)(?:\s+(asc|desc))?\s*$/i;

/** One `<name> [ASC|DESC]` of an ordering. Errors: invalid_input with field "order_by". */
export function parseOrdering(clause: string): Ordering {
  const match = ORDER.exec(clause);
  if (!match)
    throw new AppError("invalid_input", `Invalid order_by clause '${clause}'. Could not be parsed.`, {
      field: "order_by",
      value: clause,
    });
  const [quoted, name, ...rest] = match.slice(1) as (string | undefined)[];
  const key = rest.slice(0, 4).find((part) => part !== undefined);
  const ascending = rest[4]?.toLowerCase() !== "desc";
  if (name === undefined || key === undefined) return { entity: null, key: quoted ?? name ?? "", ascending };
  return { entity: name, key, ascending };
}
