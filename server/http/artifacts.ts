import { AppError } from "#server/kernel/errors.ts";
import { fileResponse } from "#server/platform/file-response.ts";
import { openArtifact } from "#server/tracking/index.ts";
import type { HandlerContext } from "./route.ts";

function decoded(path: string): string {
  try {
    return path.split("/").map(decodeURIComponent).join("/");
  } catch {
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  }
}

/** One file of the run in the address, or with `?model=` of a logged model: to save, or as a picture in a page. */
export async function sendArtifact({ actor, params, request }: HandlerContext): Promise<Response> {
  const model = new URL(request.url).searchParams.get("model");
  const path = decoded(params["path"] ?? "");
  const file = await openArtifact(actor, params["project"] ?? "", {
    owner: model ? { kind: "model", id: model } : { kind: "run", id: params["run"] ?? "" },
    path,
  });
  return await fileResponse(request, { ...file, name: path.slice(path.lastIndexOf("/") + 1) });
}
