import { Refusal } from "./refusal.ts";

export type Route =
  | { readonly name: "server" | "live" | "ready" | "metrics" }
  | {
      readonly name: "model" | "model-ready" | "infer" | "outcomes" | "openapi";
      readonly model: string;
      readonly version: string | null;
    };

const MODEL = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(infer|ready|outcomes|openapi\.json))?\/?$/;
const ACTS = { infer: "infer", ready: "model-ready", outcomes: "outcomes", "openapi.json": "openapi" } as const;
const FIXED = new Map<string, "server" | "live" | "ready" | "metrics">([
  ["/v2", "server"],
  ["/v2/", "server"],
  ["/v2/health/live", "live"],
  ["/v2/health/ready", "ready"],
  ["/metrics", "metrics"],
]);

/** Which route a request means. Throws a Refusal: 404 for an unknown path, 405 with the allowed method. */
export function findRoute(method: string, url: string): Route {
  const path = url.split("?", 1)[0] ?? "";
  const match = MODEL.exec(path);
  const fixed = FIXED.get(path);
  if (!match && !fixed)
    throw new Refusal(
      404,
      `There is nothing at ${path}. The routes are those of the Open Inference Protocol, such as /v2/models/{name}/infer.`,
    );
  const act = match?.[3] as keyof typeof ACTS | undefined;
  const isPost = act === "infer" || act === "outcomes";
  const allowed = isPost ? "POST" : "GET";
  if (method !== allowed && !(method === "HEAD" && !isPost))
    throw new Refusal(405, `${path} takes ${allowed}, not ${method}.`, { allow: isPost ? "POST" : "GET, HEAD" });
  if (!match) return { name: fixed ?? "server" };
  return {
    name: act ? ACTS[act] : "model",
    model: decode(match[1] ?? ""),
    version: match[2] === undefined ? null : decode(match[2]),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `The address has a part that is not percent-encoded correctly: ${part}`);
  }
}
