import type { Access, Caller } from "#server/serving/contract.ts";
import { openApi } from "#server/serving/index.ts";
import { accessTo, type Act, demand, notLive, starting, tokenOf } from "./authorise.ts";
import { parseJson } from "./bad-json.ts";
import { answer, answerError, type Call } from "./call.ts";
import type { Limits, ServingDeps } from "./deps.ts";
import { describeIndexed, describeModel, describeServer, exampleOf, readIndexRequest } from "./describe.ts";
import { FORMS } from "./forms/forms.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import type { LiveModels } from "./live-models.ts";
import { readOutcomes } from "./outcomes.ts";
import { Prediction } from "./predict.ts";
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
      else if ("service" in route) this.#handleService(call, route);
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

  #handleService(call: Call, { name, service }: Extract<Route, { service: string }>): void {
    const { services } = this.#deps;
    if (!services) throw new Refusal(404, "This server runs no services.");
    if (name === "service") services.handle(call, service);
    else services.describe(call, service);
  }

  #handleModelRoute(call: Call, route: ModelRoute): void {
    const failed = (error: unknown) => void this.#fail(call, error, formOf(route));
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
    const endpoint = this.#find(route.model);
    const { silence } = endpoint;
    if (route.name === "model-ready") {
      if (route.version !== null && silence === null) endpoint.armOf(route.version);
      answer(call, silence === null ? 200 : 503, JSON.stringify({ name: endpoint.name, ready: silence === null }));
      return;
    }
    if (route.name === "mlflow-version") {
      answer(call, 200, this.#deps.version, { "content-type": "text/plain" });
      return;
    }
    if (route.name === "mlflow-ping") {
      if (silence !== null) throw endpoint.refusal();
      answer(call, 200, "\n", { "content-type": "text/plain" });
      return;
    }
    const arms = route.version === null ? endpoint.answering() : [endpoint.armOf(route.version)];
    const [arm] = arms;
    if (!arm) throw endpoint.refusal();
    const { entry } = arm.model;
    if (route.name === "model-stats") {
      answer(call, 200, JSON.stringify({ model_stats: arms.map(({ stats }) => stats.describe()) }));
    } else if (route.name === "openapi") {
      const { version, signature } = entry;
      const facts = { endpoint: endpoint.name, version, signature, example: exampleOf(entry) };
      answer(call, 200, JSON.stringify(openApi(facts, this.#deps.publicUrl)));
    } else answer(call, 200, JSON.stringify(describeModel(endpoint, entry)));
  }

  #handlePredict(call: Call, route: PredictRoute): void {
    const form = FORMS[route.form];
    const prediction = new Prediction(call, form, this.#deps, (error) => this.#fail(call, error, form));
    prediction.at(this.#models.get(route.model));
    this.#withBody(
      call,
      route,
      "predict",
      (error) => prediction.failed(error),
      // The arm is chosen when the whole request is here, so that a version that is being replaced gets no more of them.
      (body) => prediction.answer(this.#find(route.model), route.version, body),
      (caller) => prediction.allow(this.#models.get(route.model), caller),
    );
  }

  #handleOutcomes(call: Call, route: ModelRoute): void {
    const failed = (error: unknown) => void this.#fail(call, error);
    this.#withBody(call, route, "outcome", failed, (body) => {
      const { surface, target, refusal } = this.#outcomesOf(route);
      if (!surface) throw refusal;
      const outcomes = readOutcomes(parseJson(body.toString()), surface);
      this.#deps
        .recordOutcomes(target, outcomes, call.requestId)
        .then((receipt) => answer(call, 200, JSON.stringify(receipt)), failed);
    });
  }

  #outcomesOf(route: ModelRoute) {
    const endpoint = this.#find(route.model);
    const surface = route.version === null ? endpoint.surface : endpoint.armOf(route.version).model;
    return { surface, target: endpoint.target, refusal: endpoint.refusal() };
  }

  /** What of the endpoints that the token may ask is ready. */
  #handleIndex(call: Call): void {
    const failed = (error: unknown) => void this.#fail(call, error);
    readBody(call, this.#limits.bodyBytes, (refused, body) => {
      this.#visible(call)
        .then((endpoints) => {
          if (refused) throw refused;
          const onlyReady = readIndexRequest(body);
          const lines = endpoints.filter(({ silence }) => !onlyReady || silence === null).flatMap(describeIndexed);
          answer(call, 200, JSON.stringify(lines));
        })
        .catch(failed);
    });
  }

  #handleAllStats(call: Call): void {
    this.#visible(call)
      .then((endpoints) => {
        const stats = endpoints.flatMap((endpoint) => endpoint.answering().map((arm) => arm.stats.describe()));
        answer(call, 200, JSON.stringify({ model_stats: stats }));
      })
      .catch((error: unknown) => this.#fail(call, error));
  }

  /** The endpoints of the plan that the token of a request may ask. Rejects with a Refusal without a valid token. */
  async #visible({ request }: Call): Promise<LiveEndpoint[]> {
    const token = tokenOf(request);
    const names = this.#models.names();
    if (names.length === 0) demand(await this.#deps.authenticate(token, "predict", null), "predict", "");
    const found: LiveEndpoint[] = [];
    for (const name of names) {
      const access = await accessTo(this.#deps, this.#models, token, "predict", name);
      if (access === "unauthenticated") demand(access, "predict", name);
      const endpoint = this.#models.get(name);
      if (endpoint && (access === "allowed" || typeof access === "object")) found.push(endpoint);
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
    admit: (caller: Caller | null) => void = () => undefined,
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
    const pass = (caller: Caller | null) => {
      admit(caller);
      allowed = true;
      next();
    };
    this.#authorise(call, route.model, act, pass, failed);
  }

  /** Calls `use` when the token may act, else `failed` with the Refusal. */
  #authorise(
    call: Call,
    endpoint: string,
    act: Act,
    use: (caller: Caller | null) => void,
    failed: (error: unknown) => void,
  ): void {
    try {
      const access = accessTo(this.#deps, this.#models, tokenOf(call.request), act, endpoint);
      if (access instanceof Promise)
        access
          .then((decided) => {
            use(this.#demand(decided, act, endpoint));
          })
          .catch(failed);
      else use(this.#demand(access, act, endpoint));
    } catch (error) {
      failed(error);
    }
  }

  #demand(access: Access | Caller, act: Act, endpoint: string): Caller | null {
    if (access === "hidden" && !this.#models.ready) throw starting();
    return demand(access, act, endpoint);
  }

  #find(name: string): LiveEndpoint {
    const endpoint = this.#models.get(name);
    if (endpoint) return endpoint;
    throw this.#models.ready ? notLive(name) : starting();
  }

  #fail(call: Call, error: unknown, form = FORMS["open-inference"]): { status: number; message: string } {
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
