import type { RunKeyDto } from "#server/tracking/contract.ts";

/** What can be written at the caret. `from` and `to` are the characters that a choice replaces. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly expects: "name" | "operator" | "value" | "and";
  /** What has been typed of it. */
  readonly typed: string;
  /** The name whose operator or value is expected, as `list-values` knows it: params.depth. */
  readonly name: string;
}

export interface Suggestion {
  readonly text: string;
  /** What is written when it is chosen. */
  readonly insert: string;
  readonly note: string;
}

const NAME = /(?:`[^`]*`?|\w[\w/:-]*)(?:\.(?:`[^`]*`?|"[^"]*"?|[\w./:-]*))?/y;
const OPERATOR = /!=|<>|>=|<=|==|=|>|<|(?:NOT\s+IN|IN|I?LIKE|IS\s+NOT\s+NULL|IS\s+NULL)(?![\w])/iy;
const VALUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\((?:[^)'"]|'[^']*'|"[^"]*")*\)|[-+]?[\d.]+(?:[eE][-+]?\d+)?/y;

const KINDS: Readonly<Record<string, string>> = {
  metric: "metrics",
  metrics: "metrics",
  param: "params",
  params: "params",
  parameter: "params",
  parameters: "params",
  tag: "tags",
  tags: "tags",
  dataset: "datasets",
  datasets: "datasets",
};

/** "params.`my key`" → "params.my key"; a bare name is an attribute. */
function plainName(raw: string): string {
  const dot = raw.startsWith("`") ? -1 : raw.indexOf(".");
  const [entity, key] = dot < 0 ? ["attributes", raw] : [raw.slice(0, dot), raw.slice(dot + 1)];
  return `${KINDS[entity] ?? "attributes"}.${key.replaceAll(/[`"]/g, "")}`;
}

/** What the grammar expects where the caret stands. */
export function completionAt(text: string, caret: number): Completion {
  const before = text.slice(0, caret);
  let at = 0;
  let expects: Completion["expects"] = "name";
  let name = "";
  const read = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(before)?.[0] ?? null;
  };
  for (;;) {
    while (/\s/.test(before.charAt(at))) at++;
    const here = { from: at, to: caret, expects, typed: before.slice(at), name };
    if (expects === "name") {
      const found = read(NAME);
      if (found === null || at + found.length >= before.length) return here;
      name = plainName(found);
      at += found.length;
      expects = "operator";
    } else if (expects === "operator") {
      const found = read(OPERATOR);
      if (found === null || (at + found.length >= before.length && /\w$/.test(found))) return here;
      at += found.length;
      expects = /null$/i.test(found) ? "and" : "value";
    } else if (expects === "value") {
      const found = read(VALUE);
      if (found === null || (at + found.length >= before.length && !/['")]$/.test(found))) return here;
      at += found.length;
      expects = "and";
    } else {
      const found = /^and\s/i.exec(before.slice(at));
      if (!found) return here;
      at += found[0].length;
      expects = "name";
    }
  }
}

const ATTRIBUTES: readonly (readonly [string, string])[] = [
  ["attributes.status", "RUNNING, FINISHED, FAILED, KILLED"],
  ["attributes.run_name", "name of the run"],
  ["attributes.start_time", "milliseconds since 1970"],
  ["attributes.end_time", "milliseconds since 1970"],
  ["attributes.user_id", "user that the client stated"],
  ["attributes.run_id", "id of the run"],
  ["datasets.name", "dataset that was logged"],
  ["datasets.digest", "digest of a dataset"],
  ["datasets.context", "training, evaluation…"],
];
const NUMBERS = ["=", "!=", ">", ">=", "<", "<="];
const TEXTS = ["=", "!=", "LIKE", "ILIKE"];
const NOTES: Readonly<Record<string, string>> = {
  LIKE: "with % for anything",
  ILIKE: "the same, whatever the case",
  "IS NULL": "has none",
  "IS NOT NULL": "has one",
  IN: "one of a list",
};
const MOST = 50;

function quotedName({ kind, key }: RunKeyDto): string {
  return `${kind}.${/^[\w./:-]+$/.test(key) ? key : `\`${key}\``}`;
}

function operatorsOf(name: string): readonly string[] {
  if (name.startsWith("metrics.") || /^attributes\.(start_time|end_time|created)$/.test(name)) return NUMBERS;
  if (/^(params|tags)\./.test(name)) return [...TEXTS, "IS NULL", "IS NOT NULL"];
  return name.startsWith("datasets.") || name === "attributes.run_id" ? [...TEXTS, "IN", "NOT IN"] : TEXTS;
}

/** What of a value has been typed, without its quote. */
export function typedValue(typed: string): string {
  return typed.replace(/^['"]/, "");
}

/** Names, operators, values or the AND that fit; `values` are those of the name. */
export function suggestionsFor(
  completion: Completion,
  keys: readonly RunKeyDto[],
  values: readonly { value: string; runs: number }[],
): Suggestion[] {
  const typed = completion.typed.toLowerCase().replaceAll(/[`"]/g, "");
  const runs = (count: number) => (count > 0 ? `${count.toLocaleString("en")} runs` : "");
  if (completion.expects === "name") {
    const known = [
      ...keys.map((key) => ({ text: quotedName(key), note: runs(key.runs), hidden: key.key.startsWith("mlflow.") })),
      ...ATTRIBUTES.map(([text, note]) => ({ text, note, hidden: false })),
    ];
    const plain = (text: string) => text.toLowerCase().replaceAll("`", "");
    const rank = (text: string) => (plain(text).startsWith(typed) ? 0 : plain(text).includes(`.${typed}`) ? 1 : 2);
    return known
      .filter(({ text, hidden }) => plain(text).includes(typed) && (!hidden || typed.length > 3))
      .toSorted((a, b) => rank(a.text) - rank(b.text))
      .slice(0, MOST)
      .map(({ text, note }) => ({ text, note, insert: `${text} ` }));
  }
  if (completion.expects === "operator")
    return operatorsOf(completion.name)
      .filter((operator) => operator.toLowerCase().startsWith(typed))
      .map((operator) => ({ text: operator, note: NOTES[operator] ?? "", insert: `${operator} ` }));
  if (completion.expects === "value") {
    const begins = typedValue(completion.typed).toLowerCase();
    return values
      .filter(({ value }) => value.toLowerCase().startsWith(begins))
      .map(({ value, runs: count }) => ({
        text: value,
        note: runs(count),
        insert: `'${value.replaceAll("'", "''")}' `,
      }));
  }
  return "and".startsWith(typed) ? [{ text: "AND", note: "and also", insert: "AND " }] : [];
}
