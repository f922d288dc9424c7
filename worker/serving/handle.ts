import type { Access, Target } from "#server/serving/contract.ts";
import { openApi } from "#server/serving/index.ts";
import { answer, answerError, type Call } from "./call.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { describeModel, describeServer } from "./describe.ts";
import { infer, parseJson } from "./infer.ts";
import type { LiveModel } from "./live-model.ts";
import type { LiveModels } from "./live-models.ts";
import { readOutcomes } from "./outcomes.ts";
import { readBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import { findRoute, type Route } from "./routes.ts";

type ModelRoute = Extract<Route, { model: string }>;
const BEARER = /^Bearer +(\S+) *$/i;

/** Answers the requests of one serving process. */
export class Handler {
  readonly #deps: ServingDeps;
  readonly #limits: Limits;
  readonly #models: LiveModels;
  /** A process that is stopping is not ready, but still answers. */
  stopping = false;

  constructor(deps: ServingDeps, limits: Limits, models: LiveModels) {
    this.#deps = deps;
    this.#limits = limits;
    this.#models = models;
  }

  /** Answers a request, now or later. Never throws. */
  handle(call: Call): void {
    try {
      const route = findRoute(call.request.method ?? "GET", call.request.url ?? "/");
      if (!("model" in route)) this.#handleServer(call, route.name);
      else if (route.name === "infer") this.#handleInfer(call, route);
      else if (route.name === "outcomes") this.#handleOutcomes(call, route);
      else this.#authorise(call, route, "predict", () => this.#handleModel(call, route));
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #handleServer(call: Call, name: "server" | "live" | "ready" | "metrics"): void {
    const ready = this.#models.ready && !this.stopping;
    if (name === "server") answer(call, 200, JSON.stringify(describeServer(this.#deps.version)));
    else if (name === "live") answer(call, 200, '{"live":true}');
    else if (name === "ready") answer(call, ready ? 200 : 503, JSON.stringify({ ready }));
    else
      this.#deps.metrics.metrics().then(
        (text) => answer(call, 200, text, { "content-type": this.#deps.metrics.contentType }),
        (error: unknown) => this.#fail(call, error),
      );
  }

  #handleModel(call: Call, route: ModelRoute): void {
    const model = this.#find(route);
    if (route.name === "model-ready") {
      const ready = model.stopped === undefined;
      answer(call, ready ? 200 : 503, JSON.stringify({ name: model.endpoint, ready }));
    } else if (route.name === "openapi") {
      const { endpoint, entry } = model;
      const { version, signature } = entry;
      answer(call, 200, JSON.stringify(openApi({ endpoint, version, signature }, this.#deps.publicUrl)));
    } else answer(call, 200, JSON.stringify(describeModel(model)));
  }

  #handleInfer(call: Call, route: ModelRoute): void {
    let model = this.#models.get(route.model);
    const failed = (error: unknown, rows = 0) => {
      const status = this.#fail(call, error);
      model?.stats.request(status, rows, (performance.now() - call.started) * 1000);
    };
    this.#withBody(call, route, "predict", failed, (text) => {
      // The version is chosen when the whole request is here, so that one that is being replaced gets no more of them.
      model = this.#find(route);
      if (model.stopped !== undefined) throw new Refusal(503, model.stopped, { "retry-after": "60" });
      infer(call, model, text, this.#deps, failed);
    });
  }

  #handleOutcomes(call: Call, route: ModelRoute): void {
    const failed = (error: unknown) => this.#fail(call, error);
    this.#withBody(call, route, "outcome", failed, (text) => {
      const { endpoint, entry } = this.#find(route);
      const outcomes = readOutcomes(parseJson(text), { entry });
      this.#deps
        .recordOutcomes({ endpoint, entry }, outcomes, call.requestId)
        .then((receipt) => answer(call, 200, JSON.stringify(receipt)), failed);
    });
  }

  /** Reads the body while the token is checked, then acts. Whatever goes wrong is told once. */
  #withBody(
    call: Call,
    route: ModelRoute,
    act: "predict" | "outcome",
    failed: (error: unknown) => void,
    use: (text: string) => void,
  ): void {
    let body: string | undefined;
    let refused: Refusal | null = null;
    let allowed = false;
    const next = () => {
      if (!allowed || (body === undefined && !refused)) return;
      try {
        if (refused) throw refused;
        use(body ?? "");
      } catch (error) {
        failed(error);
      }
    };
    readBody(call, this.#limits.bodyBytes, (error, text) => {
      refused = error;
      body = text;
      next();
    });
    this.#authorise(
      call,
      route,
      act,
      () => {
        allowed = true;
        next();
      },
      failed,
    );
  }

  #authorise(
    call: Call,
    route: ModelRoute,
    act: "predict" | "outcome",
    use: () => void,
    failed?: (error: unknown) => void,
  ): void {
    const fail = failed ?? ((error: unknown) => void this.#fail(call, error));
    const token = BEARER.exec(call.request.headers.authorization ?? "")?.[1] ?? null;
    const known = this.#models.get(route.model) ?? this.#models.broken(route.model);
    const target: Target | null = known ? { endpoint: route.model, entry: known.entry } : null;
    const decide = (access: Access) => {
      try {
        if (access === "unauthenticated")
          throw new Refusal(401, "Send a valid API token: Authorization: Bearer <token>.", {
            "www-authenticate": "Bearer",
          });
        if (access === "forbidden")
          throw new Refusal(
            403,
            act === "predict"
              ? "This token may not ask for predictions here: it needs the scope serving:predict. Create one on the endpoint's page."
              : "This token may not send outcomes here: it needs the scope serving:outcomes. Create one on the endpoint's page.",
          );
        if (access === "hidden") throw notLive(route.model);
        use();
      } catch (error) {
        fail(error);
      }
    };
    try {
      const access = this.#deps.authenticate(token, act, target);
      if (typeof access === "string") decide(access);
      else access.then(decide, fail);
    } catch (error) {
      fail(error);
    }
  }

  #find(route: ModelRoute): LiveModel {
    const model = this.#models.get(route.model);
    const broken = this.#models.broken(route.model);
    if (!model && broken)
      throw new Refusal(503, `The endpoint '${route.model}' does not answer: ${broken.reason}`, { "retry-after": "5" });
    if (!model) throw notLive(route.model);
    const live = String(model.entry.version);
    if (route.version !== null && route.version !== live)
      throw new Refusal(404, `Version ${route.version} of '${route.model}' is not live; version ${live} is.`);
    return model;
  }

  #fail(call: Call, error: unknown): number {
    return answerError(call, error, (defect) =>
      this.#deps.log.error({ err: defect, requestId: call.requestId, url: call.request.url }, "a request failed"),
    );
  }
}

function notLive(name: string): Refusal {
  return new Refusal(404, `There is no live endpoint named '${name}'.`);
}
