/** What makes a text a filter rather than words: an operator, a quote, or a name of the grammar that has begun. */
const GRAMMAR =
  /[=<>!'"`()]|\b(?:i?like|not\s+in|in|is\s+(?:not\s+)?null)\s*$|\b(?:i?like|is\s+null|is\s+not)\b|^\s*(?:metrics?|params?|parameters?|tags?|attributes?|attr|run|datasets?)\./i;

/** True for text that only names what to find: words without an operator. */
function isPlainWords(text: string): boolean {
  return text.trim() !== "" && !GRAMMAR.test(text);
}

/** The filter that a text means: itself, or for plain words that the run's name holds every one of them, whatever the case. */
export function asFilter(text: string): string {
  if (!isPlainWords(text)) return text;
  return text
    .trim()
    .split(/\s+/)
    .map((word) => `attributes.run_name ILIKE '%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%'`)
    .join(" AND ");
}
