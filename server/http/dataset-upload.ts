import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { addVersion, getDataset, listDatasets } from "#server/data/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import { env } from "#server/platform/env.ts";
import { handle } from "./route.ts";

const MAX_BYTES = 5 * 1024 ** 3;

/** Ends a stream with too_large once more than `max` bytes have passed. */
function atMost(max: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= max) done(null, chunk);
      else
        done(
          new AppError("too_large", `The file is larger than ${max / 1024 ** 3} GiB.`, {
            field: "file",
            remedy: "Split it, or write it as Parquet.",
          }),
        );
    },
  });
}

/** Receives a file as the request's body, reads it through, and makes it the dataset's next version; a bad file leaves nothing behind. */
export const receiveVersion = handle(async ({ actor, params, request }) => {
  const { project = "", dataset = "" } = params;
  const query = new URL(request.url).searchParams;
  const fileName = path.basename(query.get("fileName") ?? "");
  if (!fileName)
    throw new AppError("invalid_input", "The file has no name.", {
      field: "fileName",
      remedy: "Add ?fileName=data.csv to the address.",
    });
  if (!request.body)
    throw new AppError("invalid_input", "The body is empty.", {
      field: "file",
      remedy: "Send the file as the request's body.",
    });
  const create =
    query.get("create") === "1"
      ? {
          source: query.get("source") ?? "",
          licence: query.get("licence") ?? "",
          description: query.get("description") ?? "",
        }
      : undefined;
  // Whoever may not see the project or the dataset is refused before a byte is kept.
  if (create) await listDatasets(actor, project, {});
  else await getDataset(actor, project, { dataset });
  const folder = path.join(env().dataDir, "uploads");
  await mkdir(folder, { recursive: true });
  const filePath = path.join(folder, hexId());
  try {
    await pipeline(Readable.fromWeb(request.body as never), atMost(MAX_BYTES), createWriteStream(filePath));
    const version = await addVersion(actor, project, {
      dataset,
      filePath,
      fileName,
      note: query.get("note") ?? "",
      origin: { kind: "upload", fileName },
      ...(create ? { create } : {}),
    });
    return Response.json(version, { status: 201 });
  } finally {
    await rm(filePath, { force: true });
  }
});
