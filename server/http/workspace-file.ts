import { z } from "zod";
import { readFile, saveFile, StaleFile } from "#server/code/index.ts";
import { parseInput } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { problemOf } from "./problem.ts";
import { handle, jsonBody } from "./route.ts";

const Body = z.object({ text: z.string(), settles: z.boolean().optional() });

/** One file of the caller's draft; its ETag is Git's blob id of the content. */
export const readDraftFile = handle(async ({ actor, params, request }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const file = await readFile(actor, params["project"] ?? "", { path: query["path"] ?? "", branch: query["branch"] });
  return Response.json(file, { headers: { etag: `"${file.blob}"`, "cache-control": "no-store" } });
});

/** The blob that a save starts from: null for a new file. A save that names neither could overwrite what it never saw. */
function expectedBlob(headers: Headers): string | null {
  const match = /^"([0-9a-f]{40})"$/.exec(headers.get("if-match") ?? "")?.[1];
  if (match) return match;
  if (headers.get("if-none-match") === "*") return null;
  throw new AppError("invalid_input", "A save must name what it starts from.", {
    field: "If-Match",
    remedy: "Send If-Match with the file's ETag, or If-None-Match: * for a new file.",
  });
}

/** Saves one file of the caller's draft. A file that changed meanwhile is answered 412 with the text now stored and the one both started from. */
export const saveDraftFile = handle(async ({ actor, params, request, requestId }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const expected = expectedBlob(request.headers);
  const body = parseInput(Body, await jsonBody(request));
  try {
    const saved = await saveFile(actor, params["project"] ?? "", {
      ...body,
      path: query["path"] ?? "",
      branch: query["branch"],
      expected,
    });
    return Response.json(
      { path: saved.path, blob: saved.blob, sizeBytes: saved.sizeBytes },
      { headers: { etag: `"${saved.blob}"` } },
    );
  } catch (error) {
    if (!(error instanceof StaleFile)) throw error;
    const { status, body: problem } = problemOf(error, requestId);
    return Response.json(
      { ...problem, conflict: error.conflict },
      { status, headers: { "content-type": "application/problem+json" } },
    );
  }
});
