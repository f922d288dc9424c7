import type { CallHandler } from "../../runtimes/process/supervised-process.ts";
import type { ServiceToken } from "#server/serving/index.ts";

const TIMEOUT_MS = 30_000;

/**
 * What context.predict does: asks an endpoint at the router like any caller, with the service's own token, so that limits, arms, log and lineage are those
 * of every other request. The token reaches the endpoints of its own project alone, and never the service's code.
 */
export function predictionsFor(token: ServiceToken, ownUrl: () => string): CallHandler {
  return async (method, params) => {
    if (method !== "predict") throw new Error(`context has no '${method}'`);
    const { endpoint, rows, requestId } = params;
    if (typeof endpoint !== "string" || endpoint === "")
      throw new Error("context.predict(endpoint, rows): the endpoint is a name, such as 'flight-delays'");
    if (!Array.isArray(rows) || rows.length === 0)
      throw new Error("context.predict(endpoint, rows): rows is one row of features or a list of them");
    const send = async () =>
      await fetch(`${ownUrl()}/v2/models/${encodeURIComponent(endpoint)}/predict`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${await token.secret()}`,
          "content-type": "application/json",
          "x-request-id": String(requestId),
        },
        body: JSON.stringify({ features: rows as unknown[] }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    let response = await send();
    if (response.status === 401) {
      token.forget();
      response = await send();
    }
    const body = (await response.json()) as { predictions?: unknown; error?: unknown };
    if (!response.ok) throw new Error(`endpoint '${endpoint}': ${String(body.error)}`);
    return body.predictions;
  };
}
