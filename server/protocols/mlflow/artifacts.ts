import type { Actor } from "#server/identity/index.ts";
import { fileResponse } from "#server/platform/file-response.ts";
import { deleteArtifacts, listArtifacts, openArtifact, uploadArtifact } from "#server/tracking/index.ts";
import { announced, contentOf, decoded, placeOf } from "./artifact-request.ts";
import { fieldsOf } from "./call.ts";
import { NoEndpoint } from "./errors.ts";
import { fileMessage } from "./messages.ts";
import { MULTIPART, presignDownload } from "./transfers.ts";

/**
 * The artifact half of MLflow's API: files of runs and logged models under `/artifacts/<path>`, folders under `/artifacts?path=`, uploads in parts under
 * `/mpu/<act>/<path>`, signed addresses under `/presigned/<path>`. `rest` is what follows `/mlflow-artifacts/`, still encoded. Content is streamed in
 * both directions.
 */
export async function answerArtifacts(
  request: Request,
  rest: string,
  actor: Actor,
  project: string,
): Promise<Response> {
  const [first, ...more] = rest.split("/");
  const path = more.map(decoded).join("/");
  if (first === "presigned" && request.method === "GET")
    return Response.json(await presignDownload({ request, actor, project, path }));
  if (first === "mpu" && request.method === "POST") {
    const act = MULTIPART[more[0] ?? ""];
    const fields = await fieldsOf(request);
    if (act)
      return Response.json(await act({ request, actor, project, path: more.slice(1).map(decoded).join("/"), fields }));
  }
  if (first !== "artifacts") throw new NoEndpoint(`No endpoint for ${request.method} mlflow-artifacts/${rest}.`);
  switch (request.method) {
    case "GET":
    case "HEAD": {
      if (path === "") return await listFolder(new URL(request.url).searchParams.get("path") ?? "", actor, project);
      const file = await openArtifact(actor, project, placeOf(path));
      return await fileResponse(request, { ...file, name: file.path.slice(file.path.lastIndexOf("/") + 1) });
    }
    case "PUT":
      await uploadArtifact(actor, project, placeOf(path), contentOf(request), announced(request));
      return Response.json({});
    case "DELETE":
      await deleteArtifacts(actor, project, placeOf(path));
      return Response.json({});
    default:
      throw new NoEndpoint(`There is no ${request.method} for artifacts.`);
  }
}

async function listFolder(path: string, actor: Actor, project: string): Promise<Response> {
  const { owner, path: folder } = placeOf(path.replace(/\/+$/, ""));
  const entries = await listArtifacts(actor, project, { owner, path: folder });
  return Response.json(entries.length > 0 ? { files: entries.map((entry) => fileMessage(entry, entry.name)) } : {});
}
