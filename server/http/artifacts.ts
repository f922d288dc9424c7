import { Readable } from "node:stream";
import { AppError } from "#server/kernel/errors.ts";
import { disposition, fileResponse } from "#server/platform/file-response.ts";
import { openArtifact, zipArtifacts } from "#server/tracking/index.ts";
import type { HandlerContext } from "./route.ts";

function decoded(path: string): string {
  try {
    return path.split("/").map(decodeURIComponent).join("/");
  } catch {
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  }
}

/** Whose files an address means: those of its run, or with `?model=` of a logged model; and the path among them. */
export function artifactPlace(params: HandlerContext["params"], request: Request) {
  const model = new URL(request.url).searchParams.get("model");
  const owner = model ? { kind: "model" as const, id: model } : { kind: "run" as const, id: params["run"] ?? "" };
  return { owner, path: decoded(params["path"] ?? "") };
}

/** One file: to save, or as a picture in a page; with `?view=1` to be shown by itself, a page in a sandbox. */
export async function sendArtifact({ actor, params, request }: HandlerContext): Promise<Response> {
  const place = artifactPlace(params, request);
  const file = await openArtifact(actor, params["project"] ?? "", place);
  const view = new URL(request.url).searchParams.has("view");
  return await fileResponse(request, { ...file, name: place.path.slice(place.path.lastIndexOf("/") + 1) }, view);
}

/** A folder as a zip (`?path=`), streamed; with `?models=1` the whole run with the models it logged. */
export async function sendArtifactZip({ actor, params, request }: HandlerContext): Promise<Response> {
  const { owner } = artifactPlace(params, request);
  const query = new URL(request.url).searchParams;
  const { name, stream } = await zipArtifacts(actor, params["project"] ?? "", {
    owner,
    path: query.get("path") ?? "",
    models: query.get("models") === "1",
  });
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/zip",
      "content-disposition": disposition(name),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
