import type { Actor } from "#server/identity/index.ts";
import { answerArtifacts } from "./artifacts.ts";
import { fieldsOf, projectOf } from "./call.ts";
import { mlflowError, NoEndpoint, NotServed } from "./errors.ts";
import { findRoute, isKnownElsewhere } from "./routes.ts";

/**
 * The MLflow version whose API is spoken. Clients ask it before they send traces by OTLP, which they do from 3.4 on, so it stays below; nothing else in
 * them depends on it.
 */
export const MLFLOW_VERSION = "3.3.2";

/** What clients ask about the server before large transfers and workspaces. */
const SERVER_INFO = {
  store_type: "SqlStore",
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
};

async function answered(request: Request, actorOf: () => Promise<Actor>): Promise<Response> {
  const { pathname } = new URL(request.url);
  const match = /^\/api\/([23])\.0\/(mlflow|mlflow-artifacts)\/(.*)$/.exec(pathname);
  const [, version, half, rest] = match ?? [];
  if (rest === undefined) throw new NoEndpoint(`No endpoint at ${pathname}.`);
  const path = rest.replace(/\/+$/, "");
  const actor = await actorOf();
  if (version === "3" && half === "mlflow" && path === "server-info") return Response.json(SERVER_INFO);
  const project = projectOf(actor);
  if (half === "mlflow-artifacts") return await answerArtifacts(request, path, actor, project);
  const route = version === "2" ? findRoute(request.method, path) : null;
  if (!route) {
    if (isKnownElsewhere(path)) throw new NotServed(`${request.method} ${pathname} is not available.`);
    throw new NoEndpoint(`No endpoint for ${request.method} ${pathname}.`);
  }
  const fields = await fieldsOf(request);
  return Response.json(await route.handler({ actor, project, fields: fields.with(route.params) }));
}

/**
 * Answers one call of an MLflow client: everything below /api/2.0/mlflow, /api/2.0/mlflow-artifacts and /api/3.0/mlflow. `actorOf` finds who calls and
 * throws when nobody may. Never throws: what is refused comes back in the form that clients turn into an MlflowException.
 */
export async function answerMlflow(
  request: Request,
  options: { readonly actorOf: () => Promise<Actor>; readonly requestId: string },
): Promise<Response> {
  try {
    const response = await answered(request, options.actorOf);
    response.headers.set("x-request-id", options.requestId);
    return response;
  } catch (error) {
    return mlflowError(error, options.requestId);
  }
}
