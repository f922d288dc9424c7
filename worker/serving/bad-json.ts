import { Refusal } from "./refusal.ts";

/** Bare words that other languages write for numbers without a JSON form, outside of strings. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity|Inf|nan|inf|None|undefined)\b/g;
const MARK = "\u0000not JSON: ";

/** The body as JSON. Throws a Refusal that names the place of a NaN, or where the text stops being JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw explainBadJson(text, error);
  }
}

/**
 * Why a body is not JSON. Python's json.dumps writes NaN and Infinity, which JSON does not have: then the place of the first is named.
 */
function explainBadJson(text: string, error: unknown): Refusal {
  const marked = text.replace(TOKEN, (token) => (token.startsWith('"') ? token : JSON.stringify(MARK + token)));
  if (marked !== text) {
    try {
      const found = findMark(JSON.parse(marked), "");
      if (found)
        return new Refusal(
          400,
          `${found.place}: expected a finite number, got ${found.token}; leave the row out or fill the value in before`,
        );
    } catch {
      // Wrong in another way as well; the parser's own words say where.
    }
  }
  const reason = error instanceof Error ? error.message : "it does not parse";
  return new Refusal(400, `The body is not valid JSON: ${reason}`);
}

function findMark(value: unknown, place: string): { place: string; token: string } | null {
  if (typeof value === "string") return value.startsWith(MARK) ? { place, token: value.slice(MARK.length) } : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : place === "" ? key : `.${key}`;
    const found = findMark(inner, place + step);
    if (found) return found;
  }
  return null;
}
