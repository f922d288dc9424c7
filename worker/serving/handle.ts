import { openApi } from "#server/serving/index.ts";
import { accessTo, type Act, demand, notLive, tokenOf } from "./authorise.ts";
import { parseJson } from "./bad-json.ts";
import { answer, answerError, type Call } from "./call.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { describeIndexed, describeModel, describeServer, exampleOf, readIndexRequest } from "./describe.ts";
import { FORMS } from "./forms/forms.ts";
import { infer } from "./infer.ts";
import type { LiveModel } from "./live-model.ts";
import type { LiveModels } from "./live-models.ts";
import { readOutcomes } from "./outcomes.ts";
import { readBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import { findRoute, type ModelRoute, type PredictRoute, type Route } from "./routes.ts";

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
    let route: Route;
    try {
      route = findRoute(call.request.method ?? "GET", call.request.url ?? "/");
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    try {
      if (route.name === "predict") this.#handlePredict(call, route);
      else if (route.name === "index") this.#handleIndex(call);
      else if (!("model" in route)) this.#handleServer(call, route.name);
      else if (route.name === "outcomes") this.#handleOutcomes(call, route);
      else if (route.name === "model" && route.model === "stats" && !this.#models.get("stats"))
        this.#handleAllStats(call);
      else this.#handleModelRoute(call, route);
    } catch (error) {
      this.#fail(call, error, formOf(route));
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

  #handleModelRoute(call: Call, route: ModelRoute): void {
    const failed = (error: unknown) => this.#fail(call, error, formOf(route));
    const allowed = () => {
      try {
        this.#handleModel(call, route);
      } catch (error) {
        failed(error);
      }
    };
    this.#authorise(call, route.model, "predict", allowed, failed);
  }

  #handleModel(call: Call, route: ModelRoute): void {
    const model = this.#find(route);
    const { endpoint, entry } = model;
    if (route.name === "model-ready") {
      const ready = model.stopped === undefined;
      answer(call, ready ? 200 : 503, JSON.stringify({ name: endpoint, ready }));
    } else if (route.name === "model-stats") {
      answer(call, 200, JSON.stringify({ model_stats: [model.stats.describe(endpoint)] }));
    } else if (route.name === "openapi") {
      const { version, signature } = entry;
      const facts = { endpoint, version, signature, example: exampleOf(entry) };
      answer(call, 200, JSON.stringify(openApi(facts, this.#deps.publicUrl)));
    } else if (route.name === "mlflow-ping") {
      if (model.stopped !== undefined) throw new Refusal(503, model.stopped, { "retry-after": "60" });
      answer(call, 200, "\n", { "content-type": "text/plain" });
    } else if (route.name === "mlflow-version") answer(call, 200, this.#deps.version, { "content-type": "text/plain" });
    else answer(call, 200, JSON.stringify(describeModel(model)));
  }

  #handlePredict(call: Call, route: PredictRoute): void {
    const form = FORMS[route.form];
    let model = this.#models.get(route.model);
    const failed = (error: unknown, rows = 0) => {
      const status = this.#fail(call, error, form);
      model?.stats.request(status, rows, (performance.now() - call.started) * 1000);
    };
    this.#withBody(call, route, "predict", failed, (body) => {
      // The version is chosen when the whole request is here, so that one that is being replaced gets no more of them.
      model = this.#find(route);
      if (model.stopped !== undefined) throw new Refusal(503, model.stopped, { "retry-after": "60" });
      infer(call, model, form, body, this.#deps, failed);
    });
  }

  #handleOutcomes(call: Call, route: ModelRoute): void {
    const failed = (error: unknown) => this.#fail(call, error);
    this.#withBody(call, route, "outcome", failed, (body) => {
      const { endpoint, entry } = this.#find(route);
      const outcomes = readOutcomes(parseJson(body.toString()), { entry });
      this.#deps
        .recordOutcomes({ endpoint, entry }, outcomes, call.requestId)
        .then((receipt) => answer(call, 200, JSON.stringify(receipt)), failed);
    });
  }

  /** What of the endpoints that the token may ask is ready. */
  #handleIndex(call: Call): void {
    const failed = (error: unknown) => this.#fail(call, error);
    readBody(call, this.#limits.bodyBytes, (refused, body) => {
      this.#visible(call)
        .then((endpoints) => {
          if (refused) throw refused;
          const onlyReady = readIndexRequest(body);
          const lines = endpoints
            .filter((name) => !onlyReady || this.#models.get(name)?.stopped === undefined)
            .filter((name) => !onlyReady || this.#models.get(name) !== undefined)
            .map((name) => describeIndexed(name, this.#models.get(name), this.#models.broken(name)));
          answer(call, 200, JSON.stringify(lines));
        })
        .catch(failed);
    });
  }

  #handleAllStats(call: Call): void {
    this.#visible(call)
      .then((endpoints) => {
        const stats = endpoints.map((name) => this.#models.get(name)?.stats.describe(name)).filter((line) => line);
        answer(call, 200, JSON.stringify({ model_stats: stats }));
      })
      .catch((error: unknown) => this.#fail(call, error));
  }

  /** The endpoints of the plan that the token of a request may ask. Rejects with a Refusal without a valid token. */
  async #visible({ request }: Call): Promise<string[]> {
    const token = tokenOf(request);
    const names = this.#models.names();
    if (names.length === 0) demand(await this.#deps.authenticate(token, "predict", null), "predict", "");
    const found: string[] = [];
    for (const name of names) {
      const access = await accessTo(this.#deps, this.#models, token, "predict", name);
      if (access === "unauthenticated") demand(access, "predict", name);
      if (access === "allowed") found.push(name);
    }
    return found;
  }

  /** Reads the body while the token is checked, then acts. Whatever goes wrong is told once. */
  #withBody(
    call: Call,
    route: ModelRoute,
    act: Act,
    failed: (error: unknown) => void,
    use: (body: Buffer) => void,
  ): void {
    let body: Buffer | undefined;
    let refused: Refusal | null = null;
    let allowed = false;
    const next = () => {
      if (!allowed || (body === undefined && !refused)) return;
      try {
        if (refused) throw refused;
        if (body) use(body);
      } catch (error) {
        failed(error);
      }
    };
    readBody(call, this.#limits.bodyBytes, (error, bytes) => {
      refused = error;
      body = bytes;
      next();
    });
    const pass = () => {
      allowed = true;
      next();
    };
    this.#authorise(call, route.model, act, pass, failed);
  }

  /** Calls `use` when the token may act, else `failed` with the Refusal. */
  #authorise(call: Call, endpoint: string, act: Act, use: () => void, failed: (error: unknown) => void): void {
    try {
      const access = accessTo(this.#deps, this.#models, tokenOf(call.request), act, endpoint);
      if (typeof access === "string") {
        demand(access, act, endpoint);
        use();
      } else
        access
          .then((decided) => {
            demand(decided, act, endpoint);
            use();
          })
          .catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #find(route: ModelRoute): LiveModel {
    const model = this.#models.get(route.model);
    if (!model) {
      const broken = this.#models.broken(route.model);
      if (!broken) throw notLive(route.model);
      throw new Refusal(503, `The endpoint '${route.model}' does not answer: ${broken.reason}`, { "retry-after": "5" });
    }
    if (route.version === null) return model;
    const live = String(model.entry.version);
    if (route.version !== live)
      throw new Refusal(404, `Version ${route.version} of '${route.model}' is not live; version ${live} is.`);
    return model;
  }

  #fail(call: Call, error: unknown, form = FORMS["open-inference"]): number {
    const logDefect = (defect: unknown) =>
      this.#deps.log.error({ err: defect, requestId: call.requestId, url: call.request.url }, "a request failed");
    return answerError(call, error, logDefect, form);
  }
}

/** In whose words an error of a route is told. */
function formOf(route: Route) {
  if (route.name === "predict") return FORMS[route.form];
  return FORMS[route.name.startsWith("mlflow") ? "mlflow" : "open-inference"];
}
