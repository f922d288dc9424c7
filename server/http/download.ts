import { Readable } from "node:stream";
import { openRead } from "#server/platform/objects.ts";

export interface Downloadable {
  readonly sha256: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** Stored bytes as a download. They never change, so a browser that has them is answered 304. The type is opaque: nothing stored runs as a page of ours. */
export async function downloadObject(
  request: Request,
  { sha256, fileName, sizeBytes }: Downloadable,
): Promise<Response> {
  const etag = `"${sha256}"`;
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: { etag } });
  const stream = Readable.toWeb(await openRead(sha256)) as ReadableStream<Uint8Array>;
  return new Response(stream, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(sizeBytes),
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      "x-content-type-options": "nosniff",
      etag,
    },
  });
}
