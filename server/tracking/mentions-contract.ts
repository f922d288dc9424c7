/** @handle in running text, not within an address or an e-mail; group 2 is the handle. */
export const MENTION = /(^|[^\w@/.-])@([a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?)/gi;

/** The handles that a text mentions, each once, in lower case. Code keeps its @: `@decorator` between backticks mentions nobody. */
export function mentionsIn(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?(```|$)/g, " ").replace(/`[^`\n]*`/g, " ");
  return [...new Set([...prose.matchAll(MENTION)].map((match) => (match[2] ?? "").toLowerCase()))];
}
