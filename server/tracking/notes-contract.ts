import { z } from "zod";

/** @handle in running text, not within an address or an e-mail; group 2 is the handle. */
export const MENTION = /(^|[^\w@/.-])@([a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?)/gi;

/** The handles that a text mentions, each once, in lower case. Code keeps its @: `@decorator` between backticks mentions nobody. */
export function mentionsIn(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?(```|$)/g, " ").replace(/`[^`\n]*`/g, " ");
  return [...new Set([...prose.matchAll(MENTION)].map((match) => (match[2] ?? "").toLowerCase()))];
}

/** What a note stands on: a run, or an experiment by its number. */
export const NoteOwner = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("run"), id: z.string().min(1).max(64) }),
  z.object({ kind: z.literal("experiment"), number: z.coerce.number().int().min(0) }),
]);
export type NoteOwner = z.infer<typeof NoteOwner>;

export const WriteNoteInput = z.object({
  owner: NoteOwner,
  text: z.string(),
  /** The text that the writer started from; another one in its place by now refuses the save. */
  before: z.string(),
});

export interface NoteDto {
  readonly text: string;
  /** Members that were told because they are newly mentioned. */
  readonly told: readonly string[];
}
