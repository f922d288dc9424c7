import { z } from "zod";

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
