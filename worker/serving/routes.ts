import { Refusal } from "./refusal.ts";

/** Ways to ask for predictions. */
export type FormName = "open-inference" | "mlflow" | "plain";

export type Route =
  | { readonly name: "server" | "live" | "ready" | "metrics" | "index" }
  | {
      readonly name:
        | "model"
        | "model-ready"
        | "model-stats"
        | "outcomes"
        | "openapi"
        | "mlflow-ping"
        | "mlflow-version";
      readonly model: string;
      readonly version: string | null;
    }
  | { readonly name: "service" | "service-openapi"; readonly service: string }
  | PredictRoute;

export interface PredictRoute {
  readonly name: "predict";
  readonly form: FormName;
  readonly model: string;
  readonly version: string | null;
}
export type ModelRoute = Extract<Route, { model: string }>;

const MODEL =
  /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(infer|predict|ready|stats|outcomes|openapi\.json))?\/?$/;
const ACTS = {
  ready: "model-ready",
  stats: "model-stats",
  outcomes: "outcomes",
  "openapi.json": "openapi",
} as const;
/** MLflow's scoring server, once per endpoint: what a client of it calls the base URL is /endpoints/{name}. */
const MLFLOW = /^\/endpoints\/([^/]+)\/(invocations|ping|health|version)\/?$/;
/** Customised services: the project's own code behind the same router. */
const SERVICE = /^\/services\/([^/]+?)(\/openapi\.json)?\/?$/;
const FIXED = new Map<string, Exclude<Route, { model: string } | { service: string }>["name"]>([
  ["/v2", "server"],
  ["/v2/", "server"],
  ["/v2/health/live", "live"],
  ["/v2/health/ready", "ready"],
  ["/v2/repository/index", "index"],
  ["/metrics", "metrics"],
]);
const POSTS = new Set<Route["name"]>(["predict", "outcomes", "index", "service"]);

/** Addresses that were asked for lately: the same few come again and again. */
const known = new Map<string, Route>();
const MOST = 1000;

/** Which route a request means. Throws a Refusal: 404 for an unknown path, 405 with the allowed method. */
export function findRoute(method: string, url: string): Route {
  let route = known.get(url);
  if (!route) {
    route = read(url.split("?", 1)[0] ?? "");
    if (known.size >= MOST) known.clear();
    known.set(url, route);
  }
  const isPost = POSTS.has(route.name);
  if (method === (isPost ? "POST" : "GET") || (method === "HEAD" && !isPost)) return route;
  throw new Refusal(405, `${url.split("?", 1)[0]} takes ${isPost ? "POST" : "GET"}, not ${method}.`, {
    allow: isPost ? "POST" : "GET, HEAD",
  });
}

function read(path: string): Route {
  const fixed = FIXED.get(path);
  if (fixed) return { name: fixed };
  const match = MODEL.exec(path);
  if (match) return modelRoute(decode(match[1] ?? ""), match[2] === undefined ? null : decode(match[2]), match[3]);
  const scoring = MLFLOW.exec(path);
  if (scoring) {
    const model = decode(scoring[1] ?? "");
    if (scoring[2] === "invocations") return { name: "predict", form: "mlflow", model, version: null };
    return { name: scoring[2] === "version" ? "mlflow-version" : "mlflow-ping", model, version: null };
  }
  const service = SERVICE.exec(path);
  if (service) return { name: service[2] ? "service-openapi" : "service", service: decode(service[1] ?? "") };
  throw new Refusal(
    404,
    `There is nothing at ${path}. The routes are those of the Open Inference Protocol, such as /v2/models/{name}/infer, /v2/models/{name}/predict, and /endpoints/{name}/invocations.`,
  );
}

function modelRoute(model: string, version: string | null, act: string | undefined): Route {
  if (act === "infer") return { name: "predict", form: "open-inference", model, version };
  if (act === "predict") return { name: "predict", form: "plain", model, version };
  return { name: act === undefined ? "model" : ACTS[act as keyof typeof ACTS], model, version };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `The address has a part that is not percent-encoded correctly: ${part}`);
  }
}
