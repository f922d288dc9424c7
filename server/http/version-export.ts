import { Readable } from "node:stream";
import { disposition } from "#server/platform/file-response.ts";
import { exportVersion } from "#server/serving/index.ts";
import type { HandlerContext } from "./route.ts";

/** A model version as a zip that runs without the platform, streamed. */
export async function sendVersionExport({ actor, params }: HandlerContext): Promise<Response> {
  const { project = "", name = "", version = "" } = params;
  const bundle = await exportVersion(actor, project, { name: decodeURIComponent(name), version });
  return new Response(Readable.toWeb(bundle.stream) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/zip",
      "content-disposition": disposition(bundle.name),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
