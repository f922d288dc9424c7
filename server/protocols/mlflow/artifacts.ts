import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { fileResponse } from "#server/platform/file-response.ts";
import {
  deleteArtifacts,
  listArtifacts,
  openArtifact,
  parseArtifactPath,
  uploadArtifact,
} from "#server/tracking/index.ts";
import { NotServed } from "./errors.ts";
import { fileMessage } from "./messages.ts";

type Place = NonNullable<ReturnType<typeof parseArtifactPath>>;

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  }
}

/** Errors: invalid_input for a path that goes upwards, not_found for one that names neither run nor logged model. */
function placeOf(path: string): Place {
  if (path.split("/").includes("..") || path.startsWith("/"))
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  const place = parseArtifactPath(path);
  if (place) return place;
  throw new AppError("not_found", `No such artifact: '${path}'`, {
    field: "path",
    value: path,
    remedy: "Artifacts stand below '<experiment>/<run>/artifacts' and '<experiment>/models/<model>/artifacts'.",
  });
}

/** Clients count the bytes; whoever sends fewer than announced was cut off. */
function announced(request: Request): number | undefined {
  const length = request.headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty file has no body to read.
}

/**
 * The artifact half of MLflow's API: files of runs and logged models under `/artifacts/<path>`, folders under `/artifacts?path=`. `rest` is what follows
 * `/mlflow-artifacts/`, still encoded. Content is streamed in both directions.
 */
export async function answerArtifacts(
  request: Request,
  rest: string,
  actor: Actor,
  project: string,
): Promise<Response> {
  const [first, ...more] = rest.split("/");
  const path = more.map(decoded).join("/");
  if (first !== "artifacts") throw new NotServed("Multipart and presigned transfers are switched off.");
  switch (request.method) {
    case "GET":
    case "HEAD": {
      if (path === "") return await listFolder(new URL(request.url).searchParams.get("path") ?? "", actor, project);
      const file = await openArtifact(actor, project, placeOf(path));
      return await fileResponse(request, { ...file, name: file.path.slice(file.path.lastIndexOf("/") + 1) });
    }
    case "PUT": {
      const content = (request.body as AsyncIterable<Uint8Array> | null) ?? nothing();
      await uploadArtifact(actor, project, placeOf(path), content, announced(request));
      return Response.json({});
    }
    case "DELETE":
      await deleteArtifacts(actor, project, placeOf(path));
      return Response.json({});
    default:
      throw new NotServed(`There is no ${request.method} for artifacts.`);
  }
}

async function listFolder(path: string, actor: Actor, project: string): Promise<Response> {
  const { owner, path: folder } = placeOf(path.replace(/\/+$/, ""));
  const entries = await listArtifacts(actor, project, { owner, path: folder });
  return Response.json(entries.length > 0 ? { files: entries.map((entry) => fileMessage(entry, entry.name)) } : {});
}
