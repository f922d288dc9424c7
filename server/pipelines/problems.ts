import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";

/** One thing wrong with a pipeline file, and where. Lines and columns count from 1. */
export interface FileProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

type Path = readonly PropertyKey[];

/** A YAML text that knows the place of each of its values. */
export class LocatedYaml {
  readonly text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string) {
    this.text = text;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
  }

  /** Errors of YAML itself: bad indentation, a key given twice, an unclosed quote. */
  syntaxProblems(): FileProblem[] {
    return this.#document.errors.map((error) => ({
      ...this.#at(error.pos[0]),
      message: error.code === "DUPLICATE_KEY" ? "This key is given twice." : `Not valid YAML: ${error.message}`,
      remedy:
        error.code === "DUPLICATE_KEY" ? "Keep one of them." : "Check indentation, quotes and colons at this place.",
    }));
  }

  /** The plain value. Throws when aliases would blow it up. */
  value(): unknown {
    return this.#document.toJS({ maxAliasCount: 100 });
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** The node at a path, or the nearest one above it that exists; for a missing key that is the map which lacks it. */
  #nodeAt(path: Path, key: boolean): Node | null {
    let node: unknown = this.#document.contents;
    let nearest: Node | null = this.#document.contents;
    for (const [depth, part] of path.entries()) {
      const inside = this.#resolve(node);
      let next: unknown = null;
      if (isMap(inside)) {
        const pair = inside.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
        );
        const last = depth === path.length - 1;
        next = pair ? (key && last ? pair.key : (pair.value ?? pair.key)) : null;
      } else if (isSeq(inside)) next = inside.items[Number(part)] ?? null;
      if (next === null) return nearest;
      node = next;
      nearest = next as Node;
    }
    return nearest;
  }

  /**
   * Where the value at `path` stands, or with `key` its key. With `near`, the place of that text inside the value, so that a wrong ${…} in a long
   * command is pointed at itself.
   */
  locate(path: Path, options: { key?: boolean; near?: string } = {}): { line: number; column: number } {
    const range = this.#nodeAt(path, options.key ?? false)?.range;
    if (!range) return { line: 1, column: 1 };
    const [start, end] = range;
    const found = options.near ? this.text.slice(start, end).indexOf(options.near) : -1;
    return this.#at(start + Math.max(0, found));
  }
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, char] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (char === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

/** "Did you mean 'needs'?" when a known word is near, else the list of them. */
export function suggest(word: string, known: readonly string[]): string {
  const nearest = known
    .map((k) => ({ k, d: distance(word.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)[0];
  if (nearest && nearest.d <= Math.max(1, Math.floor(word.length / 3))) return `Did you mean '${nearest.k}'?`;
  return known.length === 0 ? "There are none." : `Known: ${known.join(", ")}.`;
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": ["version", "name", "params", "env", "defaults", "steps"],
  env: ["python", "requirements"],
  defaults: ["retries", "timeout", "resources"],
  step: ["run", "uses", "needs", "inputs", "outputs", "matrix", "gate", "retries", "timeout", "resources", "with"],
  retries: ["max", "backoff", "on"],
  resources: ["cpu", "memory"],
  gate: ["output", "metric", "min", "max"],
  with: ["model", "name"],
};

/** Which keys are known at a path, and what the place is called. */
function placeOf(path: Path): { name: string; keys: readonly string[] } {
  if (path.length === 0) return { name: "the file", keys: KEYS[""] ?? [] };
  if (path.length === 2 && path[0] === "steps") return { name: `step '${String(path[1])}'`, keys: KEYS["step"] ?? [] };
  const last = String(path.at(-1));
  return { name: `'${last}'`, keys: KEYS[last] ?? [] };
}

/** What a wrong value is called: "steps.train.timeout". */
const nameOf = (path: Path): string => (path.length === 0 ? "The file" : `'${path.map(String).join(".")}'`);

type Issue = z.core.$ZodIssue;

/** Of a union, the branch whose type fitted: "resources of {max, on}" is more help than "no alternative fits". */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const inside = issue.errors.find(
    (branch) => branch.length > 0 && branch.every((i) => i.path.length > 0 || i.code !== "invalid_type"),
  );
  return inside ? inside.flatMap((i) => unfold({ ...i, path: [...issue.path, ...i.path] })) : [issue];
}

/** The findings of the schema as problems with their places. */
export function schemaProblems(yaml: LocatedYaml, issues: readonly Issue[]): FileProblem[] {
  return issues.flatMap(unfold).flatMap((issue): FileProblem[] => {
    const { path } = issue;
    if (issue.code === "unrecognized_keys") {
      const place = placeOf(path);
      return issue.keys.map((key) => ({
        ...yaml.locate([...path, key], { key: true }),
        message: `Unknown key '${key}' in ${place.name}.`,
        remedy: suggest(key, place.keys),
      }));
    }
    if (issue.code === "invalid_key") {
      const message = issue.issues[0]?.message ?? issue.message;
      return [
        { ...yaml.locate(path, { key: true }), message: `'${String(path.at(-1))}' ${message}.`, remedy: "Rename it." },
      ];
    }
    if (issue.input === undefined && path.length > 0 && !yamlHas(yaml, path))
      return [
        {
          ...yaml.locate(path),
          message: `'${String(path.at(-1))}' is missing in ${placeOf(path.slice(0, -1)).name}.`,
          remedy: `Add it; it ${issue.message}.`,
        },
      ];
    return [
      {
        ...yaml.locate(path),
        message: `${nameOf(path)} ${issue.message}.`,
        remedy: "Correct the value at this place.",
      },
    ];
  });
}

function yamlHas(yaml: LocatedYaml, path: Path): boolean {
  let value = yaml.value();
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return true;
}
