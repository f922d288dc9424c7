/** One word of a command line, before values are put in: text and the names of values, in order. */
export interface Reference {
  readonly from: "inputs" | "outputs" | "params" | "matrix";
  readonly name: string;
}
export type WordPart = string | Reference;
export type Word = readonly WordPart[];

export class WordError extends Error {
  /** The text of the offending part, to find its place in the file. */
  readonly near: string;

  constructor(message: string, near: string) {
    super(message);
    this.near = near;
  }
}

const BLANK = /[ \t\r\n]/;

/**
 * Splits a command line by the quoting rules of POSIX (IEEE Std 1003.1, Shell Command Language 2.2): blanks separate, '…' keeps all, "…" keeps all but
 * \" \\ \$ \`, and a backslash keeps the next character. No expansion of any kind follows. Throws WordError for an unclosed quote.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  const closing = (quote: string): number => {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === quote) return i;
      if (quote === '"' && text[i] === "\\") i++;
    }
    throw new WordError(`The quote ${quote} is never closed.`, text.slice(at));
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (BLANK.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else if (char === "'" || char === '"') {
      const end = closing(char);
      const inside = text.slice(at + 1, end);
      word = (word ?? "") + (char === '"' ? inside.replaceAll(/\\(["\\$`])/g, "$1") : inside);
      at = end + 1;
    } else if (char === "\\") {
      if (at + 1 >= text.length) throw new WordError("The command ends with a backslash that keeps nothing.", "\\");
      // A backslash before a line break joins the lines.
      word = (word ?? "") + (text[at + 1] === "\n" ? "" : text.charAt(at + 1));
      at += 2;
    } else {
      word = (word ?? "") + char;
      at += 1;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

const REFERENCE = /^(inputs|outputs|params|matrix)\.([A-Za-z][A-Za-z0-9_-]*)$/;

/** Finds the ${…} of one word. Throws WordError for anything in ${} that is not a reference, and for one that is never closed. */
export function parseWord(text: string): Word {
  const parts: WordPart[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf("${", at);
    if (start === -1) break;
    const end = text.indexOf("}", start);
    if (end === -1) throw new WordError(`A \${ is never closed by }.`, text.slice(start));
    const inside = text.slice(start + 2, end);
    const match = REFERENCE.exec(inside);
    if (!match)
      throw new WordError(
        `\${${inside}} means nothing here: write \${inputs.x}, \${outputs.x}, \${params.x} or \${matrix.x}.`,
        `\${${inside}}`,
      );
    if (start > at) parts.push(text.slice(at, start));
    parts.push({ from: match[1] as Reference["from"], name: match[2] ?? "" });
    at = end + 1;
  }
  if (at < text.length || parts.length === 0) parts.push(text.slice(at));
  return parts;
}

/** The references of a word, in order. */
export function referencesOf(word: Word): Reference[] {
  return word.filter((part) => typeof part !== "string");
}

/** The text of a word without references, or null. */
export function plainText(word: Word): string | null {
  return word.some((part) => typeof part !== "string") ? null : word.map(String).join("");
}

export type Value = string | number | boolean | readonly string[];

/**
 * The argument items that a word becomes. A word that is exactly one reference to a list becomes several; a value never becomes part of another item,
 * whatever blanks or quotes it holds. Throws for a list inside a longer word and for an unknown name.
 */
export function renderWord(word: Word, valueOf: (reference: Reference) => Value | undefined): string[] {
  const values = word.map((part) => {
    if (typeof part === "string") return part;
    const value = valueOf(part);
    if (value === undefined) throw new Error(`\${${part.from}.${part.name}} has no value`);
    return value;
  });
  const [only] = values;
  if (values.length === 1 && Array.isArray(only)) return [...(only as readonly string[])];
  return [
    values
      .map((value) => {
        if (typeof value === "object")
          throw new Error("a list of paths can only stand alone as a word of the command, not inside a longer one");
        return String(value);
      })
      .join(""),
  ];
}
