import { answerMlflow, MLFLOW_VERSION } from "#server/protocols/mlflow/index.ts";
import { log } from "#server/platform/log.ts";
import { callerOf } from "./caller.ts";
import { observeRequest } from "./request-metrics.ts";
import { requestIdOf } from "./route.ts";

/** The handler of every MLflow route: MLflow's own error bodies, our request ids and measurements. */
export async function mlflow(request: Request): Promise<Response> {
  const requestId = requestIdOf(request);
  const started = performance.now();
  const response = await answerMlflow(request, { requestId, actorOf: () => callerOf(request, requestId) });
  const ms = performance.now() - started;
  observeRequest(request.method, response.status, ms);
  const { pathname } = new URL(request.url);
  log.debug(
    { requestId, method: request.method, path: pathname, status: response.status, ms: Math.round(ms) },
    "mlflow",
  );
  return response;
}

/** Plain text, as clients expect of /version. */
export function mlflowVersion(): Response {
  return new Response(MLFLOW_VERSION, { headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** What the reference answers to probes. */
export function mlflowHealth(): Response {
  return new Response("OK", { headers: { "content-type": "text/plain; charset=utf-8" } });
}
