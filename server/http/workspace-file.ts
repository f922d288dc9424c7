import { readFile, saveFile, StaleFile } from "#server/code/index.ts";
import { problemOf } from "./problem.ts";
import { handle, jsonBody } from "./route.ts";

type SaveInput = Parameters<typeof saveFile>[2];

/** One file of the caller's draft; its ETag is Git's blob id of the content. */
export const readDraftFile = handle(async ({ actor, params, request }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const file = await readFile(actor, params["project"] ?? "", { path: query["path"] ?? "", branch: query["branch"] });
  return Response.json(file, { headers: { etag: `"${file.blob}"`, "cache-control": "no-store" } });
});

/** The blob that a save starts from: null for a new file, undefined when the request does not say. */
function expectedBlob(headers: Headers): string | null | undefined {
  const match = /^"([0-9a-f]{40})"$/.exec(headers.get("if-match") ?? "")?.[1];
  return match ?? (headers.get("if-none-match") === "*" ? null : undefined);
}

/** Saves one file of the caller's draft. A file that changed meanwhile is answered 412 with the text now stored and the one both started from. */
export const saveDraftFile = handle(async ({ actor, params, request, requestId }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const expected = expectedBlob(request.headers);
  const body = (await jsonBody(request)) as SaveInput;
  try {
    const saved = await saveFile(actor, params["project"] ?? "", {
      ...body,
      path: query["path"] ?? "",
      branch: query["branch"],
      // A save that says nothing could overwrite what it never saw: the use case refuses it, after asking who is calling.
      expected: expected as SaveInput["expected"],
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
