import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type LogPage, RunNumber } from "./contract.ts";

const PAGE_CHUNKS = 500;

async function findAttempt(db: Db, projectId: string, number: number, attemptId: string) {
  const attempt = await db.stepAttempt.findFirst({
    where: { id: attemptId, step: { projectId, run: { number } } },
    include: { step: { select: { name: true, matrixKey: true } } },
  });
  if (attempt) return attempt;
  throw new AppError("not_found", `Run ${number} has no such attempt.`, { field: "attempt", value: attemptId });
}

/** A part of an attempt's log: the chunks after `after` (−1 for the beginning). Ask again with `next` while `more`, and until `ended`. */
export const readLog = defineUseCase({
  name: "pipelines.read-log",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({ number: RunNumber, attempt: z.uuid(), after: z.coerce.number().int().min(-1).default(-1) }),
  async run({ input, project, db }): Promise<LogPage> {
    const attempt = await findAttempt(db, project.id, input.number, input.attempt);
    const rows = await db.stepLogChunk.findMany({
      where: { attemptId: attempt.id, seq: { gt: input.after } },
      orderBy: { seq: "asc" },
      take: PAGE_CHUNKS + 1,
    });
    const chunks = rows
      .slice(0, PAGE_CHUNKS)
      .map((row) => ({ seq: row.seq, at: row.at.toISOString(), text: row.text }));
    return {
      chunks,
      next: chunks.at(-1)?.seq ?? input.after,
      more: rows.length > PAGE_CHUNKS,
      ended: attempt.status !== "running",
      truncated: attempt.logTruncated,
    };
  },
});

/** The whole log of an attempt as text, for download. */
export const readWholeLog = defineUseCase({
  name: "pipelines.read-whole-log",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({ number: RunNumber, attempt: z.uuid() }),
  async run({ input, project, db }): Promise<{ fileName: string; text: string }> {
    const attempt = await findAttempt(db, project.id, input.number, input.attempt);
    const rows = await db.stepLogChunk.findMany({
      where: { attemptId: attempt.id },
      orderBy: { seq: "asc" },
      select: { text: true },
    });
    const step = [attempt.step.name, attempt.step.matrixKey]
      .filter(Boolean)
      .join("-")
      .replaceAll(/[^\w.=-]+/g, "_");
    return {
      fileName: `run-${input.number}-${step}-attempt-${attempt.number}.log`,
      text: rows.map((row) => row.text).join(""),
    };
  },
});
