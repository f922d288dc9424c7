import type { Actor } from "#server/identity/index.ts";
import { decoded } from "./artifact-request.ts";
import { answerArtifacts } from "./artifacts.ts";
import { fieldsOf, projectOf } from "./call.ts";
import { mlflowError, NoEndpoint, NotServed } from "./errors.ts";
import { findRoute, isKnownElsewhere } from "./routes.ts";
import { answerSigned } from "./transfers.ts";

/**
 * The MLflow version whose API is spoken. Clients ask it before they send traces by OTLP, which they do from 3.4 on, so it stays below; nothing else in
 * them depends on it.
 */
export const MLFLOW_VERSION = "3.3.2";

/**
 * What clients ask about the server before large transfers and workspaces. Transfers in parts are served but not offered: a file travels as fast in one
 * stream, and a client that is offered them asks for a signed address before each file it reads.
 */
const SERVER_INFO = {
  store_type: "SqlStore",
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: true,
  presigned_upload_model_id_supported: true,
};

/** `[/p/<project>]/{api|ajax-api}/{2|3}.0/{mlflow|mlflow-artifacts}/<rest>`: every call exists under each of them. */
const ADDRESS = /^(?:\/p\/([^/]+))?\/(?:ajax-api|api)\/[23]\.0\/(mlflow|mlflow-artifacts)\/(.*)$/;

async function answered(request: Request, actorOf: () => Promise<Actor>, requestId: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, named, half, rest] = ADDRESS.exec(pathname) ?? [];
  if (rest === undefined) throw new NoEndpoint(`No endpoint at ${pathname}.`);
  const path = rest.replace(/\/+$/, "");
  if (half === "mlflow-artifacts" && path.startsWith("signed/"))
    return await answerSigned(request, path.slice("signed/".length), requestId);
  const actor = await actorOf();
  if (half === "mlflow" && path === "server-info") return Response.json(SERVER_INFO);
  const project = projectOf(actor, named === undefined ? undefined : decoded(named));
  if (half === "mlflow-artifacts") return await answerArtifacts(request, path, actor, project);
  const route = findRoute(request.method, path);
  if (!route) {
    if (isKnownElsewhere(path)) throw new NotServed(`${request.method} ${pathname} is not available.`);
    throw new NoEndpoint(`No endpoint for ${request.method} ${pathname}.`);
  }
  const fields = await fieldsOf(request);
  return Response.json(await route.handler({ actor, project, request, fields: fields.with(route.params) }));
}

/**
 * Answers one call of an MLflow client: everything below /api and /ajax-api, versions 2.0 and 3.0, in mlflow and mlflow-artifacts, at the root and below
 * /p/<project>. `actorOf` finds who calls and
 * throws when nobody may. Never throws: what is refused comes back in the form that clients turn into an MlflowException.
 */
export async function answerMlflow(
  request: Request,
  options: { readonly actorOf: () => Promise<Actor>; readonly requestId: string },
): Promise<Response> {
  try {
    const response = await answered(request, options.actorOf, options.requestId);
    response.headers.set("x-request-id", options.requestId);
    return response;
  } catch (error) {
    return mlflowError(error, options.requestId);
  }
}
