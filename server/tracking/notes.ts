import { defineUseCase } from "#server/identity/index.ts";
import { can, effectiveRole, ROLE_SCOPES } from "#server/identity/contract.ts";
import { notify } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { z } from "zod";
import { LIMITS, mentionsIn, type NoteDto, NoteOwner, TAGS, WriteNoteInput } from "./contract.ts";
import { checkActiveExperiment, experimentByNumber, objectOf, pairsOf } from "./experiment.ts";
import { activeRun, runById } from "./run.ts";

interface Place {
  readonly subject: { readonly type: "run" | "experiment"; readonly id: string };
  /** "the run tree-1" */
  readonly words: string;
  readonly href: string;
  readonly text: string;
  readonly limit: number;
}

/** Where a note stands and what it says; with `writable` locked until the transaction ends. Errors: not_found; invalid_input for what is deleted. */
async function placeOf(db: Db, projectId: string, owner: NoteOwner, slug: string, writable: boolean): Promise<Place> {
  if (owner.kind === "run") {
    if (writable) {
      await activeRun(db, projectId, owner.id);
      await db.$queryRaw`select id from runs where id = ${owner.id} for update`;
    }
    const run = await runById(db, projectId, owner.id);
    const tag = await db.runTag.findUnique({ where: { runId_key: { runId: run.id, key: TAGS.note } } });
    return {
      subject: { type: "run", id: run.id },
      words: `the run ${run.name}`,
      href: `/p/${slug}/experiments/runs/${run.id}`,
      text: tag?.value ?? "",
      limit: LIMITS.tagValue,
    };
  }
  const found = await experimentByNumber(db, projectId, owner.number);
  if (writable) {
    checkActiveExperiment(found);
    await db.$queryRaw`select id from experiments where id = ${found.id}::uuid for update`;
  }
  const row = writable ? await experimentByNumber(db, projectId, owner.number) : found;
  return {
    subject: { type: "experiment", id: row.id },
    words: `the experiment ${row.name}`,
    href: `/p/${slug}/experiments?experiment=${row.number}`,
    text: objectOf(pairsOf(row.tags))[TAGS.note] ?? "",
    limit: LIMITS.experimentTagValue,
  };
}

/** Members by these handles who may see experiments: nobody else is told of a note. */
async function readersNamed(
  db: Db,
  projectId: string,
  handles: readonly string[],
): Promise<{ id: string; handle: string }[]> {
  if (handles.length === 0) return [];
  const rows = await db.membership.findMany({ where: { projectId }, select: { role: true, user: true } });
  return rows.flatMap(({ role, user }) => {
    const now = effectiveRole(role, user.platformRoles);
    const reads = now !== null && can(ROLE_SCOPES[now], "tracking:read");
    return reads && handles.includes(user.handle.toLowerCase()) ? [{ id: user.id, handle: user.handle }] : [];
  });
}

/** The note on a run or experiment; "" when there is none. MLflow clients see the same text as the tag mlflow.note.content. */
export const getNote = defineUseCase({
  name: "tracking.get-note",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ owner: NoteOwner }),
  async run({ input, project, db }): Promise<NoteDto> {
    const { text } = await placeOf(db, project.id, input.owner, project.slug, false);
    return { text, told: [] };
  },
});

/**
 * Writes the note on a run or experiment and tells members whom it newly mentions. Errors: stale when the note is not the one that the writer started
 * from, then nothing is written; invalid_input for a text that is too long or for something deleted.
 */
export const writeNote = defineUseCase({
  name: "tracking.write-note",
  scope: "tracking:write",
  effect: "write",
  input: WriteNoteInput,
  async run({ input, actor, project, db, audit, publish }): Promise<NoteDto> {
    const place = await placeOf(db, project.id, input.owner, project.slug, true);
    const text = input.text.replace(/\r\n/g, "\n").trimEnd();
    if (place.text.replace(/\r\n/g, "\n").trimEnd() !== input.before.replace(/\r\n/g, "\n").trimEnd())
      throw new AppError("stale", "Somebody changed this note while you were writing.", {
        field: "text",
        remedy: "Compare both texts and save again.",
      });
    if (text.length > place.limit)
      throw new AppError(
        "invalid_input",
        `A note holds up to ${place.limit.toLocaleString("en")} characters; this one has ${text.length.toLocaleString("en")}.`,
        {
          field: "text",
          remedy: "Log longer texts as a Markdown file.",
        },
      );
    if (input.owner.kind === "run") {
      const key = { runId: place.subject.id, key: TAGS.note };
      if (text === "") await db.runTag.deleteMany({ where: key });
      else
        await db.runTag.upsert({ where: { runId_key: key }, create: { ...key, value: text }, update: { value: text } });
    } else if (text === "")
      await db.$executeRaw`update experiments set tags = tags - ${TAGS.note}::text, updated_at = now() where id = ${place.subject.id}::uuid`;
    else
      await db.$executeRaw`
        update experiments set tags = tags || jsonb_build_object(${TAGS.note}::text, ${text}::text), updated_at = now()
        where id = ${place.subject.id}::uuid`;
    const known = mentionsIn(place.text);
    const fresh = mentionsIn(text).filter((handle) => !known.includes(handle));
    const readers = await readersNamed(db, project.id, fresh);
    const others = readers.filter((reader) => reader.id !== actor.userId);
    await notify(db, {
      projectId: project.id,
      userIds: others.map((reader) => reader.id),
      kind: "mention",
      title: `${actor.name} mentioned you on ${place.words}`,
      body: text.slice(0, 300),
      href: place.href,
      dedupKey: `note:${place.subject.id}:mention`,
    });
    await audit({
      action: `${place.subject.type}.note-written`,
      subject: place.subject,
      summary: `${actor.name} ${text === "" ? "removed the note" : "wrote the note"} on ${place.words}`,
      details: { before: place.text, after: text, mentioned: others.map((reader) => reader.handle) },
    });
    await publish("runs", place.subject.id);
    return { text, told: others.map((reader) => reader.handle) };
  },
});
