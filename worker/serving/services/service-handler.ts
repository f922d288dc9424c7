import { AppError, isAppError } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { Caller, Limited } from "#server/serving/contract.ts";
import { serviceOpenApi } from "#server/serving/index.ts";
import { tokenOf } from "../authorise.ts";
import { parseJson } from "../bad-json.ts";
import { answer, type Call } from "../call.ts";
import { demandRoom } from "../infer.ts";
import { readBody } from "../read-body.ts";
import { Refusal } from "../refusal.ts";
import type { Issue } from "./issue.ts";
import type { LiveService } from "./live-service.ts";
import type { LiveServices } from "./live-services.ts";

/** Whose a request is, or why it is refused. */
export type ServiceAccess = "unauthenticated" | "forbidden" | "hidden" | { readonly caller: Caller | null };

/** What became of a call, for its log, counts and metrics. */
export interface ServiceOutcome {
  readonly service: LiveService;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly latencyUs: number;
  readonly status: number;
  readonly caller: string | null;
  /** Undefined where it could not be read. */
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | null;
}

export interface ServiceHandlerOptions {
  readonly services: LiveServices;
  readonly publicUrl: string;
  readonly bodyBytes: number;
  readonly log: Log;
  readonly authenticate: (token: string | null, projectId: string | null) => Promise<ServiceAccess>;
  /** Counts a call against its token's limits, as one row, or says why it has to wait. */
  readonly admit: (caller: Caller, serviceId: string) => Limited | null;
  /** Told of every request that reached a service. */
  readonly onOutcome: (outcome: ServiceOutcome) => void;
}

/** An error that is answered with the fields that are wrong. */
class WrongFields extends Refusal {
  readonly issues: readonly Issue[];

  constructor(status: number, message: string, issues: readonly Issue[]) {
    super(status, message);
    this.issues = issues;
  }
}

/** What is known of a call so far, for what is told of it at its end. */
interface Seen {
  service?: LiveService;
  caller: string | null;
  input?: unknown;
  output?: unknown;
}

/** Answers the requests to customised services: token and its limits, schema of the request, the service's own code, schema of the answer, in this order. */
export class ServiceHandler {
  readonly #options: ServiceHandlerOptions;

  constructor(options: ServiceHandlerOptions) {
    this.#options = options;
  }

  /** Answers GET /services/{name}/openapi.json. Never throws. */
  describe(call: Call, name: string): void {
    this.#allowed(call, name)
      .then(() => {
        const { entry, input, output } = this.#find(name);
        const { description, publication } = entry;
        const facts = { name, description, publication, input, output };
        answer(call, 200, JSON.stringify(serviceOpenApi(facts, this.#options.publicUrl)));
      })
      .catch((error: unknown) => this.#fail(call, error));
  }

  /** Answers POST /services/{name}. Never throws. */
  handle(call: Call, name: string): void {
    // The body is read while the token is checked: what has arrived already must not be lost.
    const body = bodyOf(call, this.#options.bodyBytes);
    body.catch(() => undefined);
    const seen: Seen = { caller: null };
    this.#answer(call, name, body, seen)
      .then(
        (json) => {
          answer(call, 200, json, { "x-publication": String(seen.service?.entry.publication ?? "") });
          this.#tell(call, seen, 200, null);
        },
        (error: unknown) => {
          const refusal = this.#fail(call, error);
          // What a field held may be what the log must not keep.
          const told = refusal instanceof WrongFields ? sentenceOf(refusal.issues, false) : refusal.message;
          this.#tell(call, seen, refusal.status, told);
        },
      )
      .catch((error: unknown) => this.#options.log.error({ err: error, service: name }, "a call could not be told"));
  }

  async #answer(call: Call, name: string, body: Promise<Buffer>, seen: Seen): Promise<string> {
    const caller = await this.#allowed(call, name);
    seen.caller = caller?.id ?? null;
    const service = this.#find(name);
    seen.service = service;
    if (caller) demandRoom(this.#options.admit(caller, service.entry.serviceId));
    if (service.stopped !== undefined) throw new Refusal(503, service.stopped, { "retry-after": "60" });
    const text = (await body).toString("utf8");
    const request = parseJson(text);
    seen.input = request;
    const wrong = await service.checker.check("input", text);
    if (wrong.length > 0) throw new WrongFields(400, sentenceOf(wrong), wrong);
    const value = await ask(service, call.requestId, request);
    seen.output = value;
    const json = JSON.stringify(value);
    const broken = await service.checker.check("output", json);
    if (broken.length === 0) return json;
    this.#options.log.error(
      { service: name, requestId: call.requestId, issues: broken.length },
      "a service broke its own schema",
    );
    throw new WrongFields(
      502,
      `The service answered what its own schema does not allow: ${sentenceOf(broken)}`,
      broken,
    );
  }

  /** Whose the request is. Throws the Refusal that its access means. */
  async #allowed(call: Call, name: string): Promise<Caller | null> {
    const { services, authenticate } = this.#options;
    const access = await authenticate(tokenOf(call.request), services.projectOf(name));
    if (typeof access === "object") return access.caller;
    if (access === "unauthenticated")
      throw new Refusal(401, "Send a valid API token: Authorization: Bearer <token>.", {
        "www-authenticate": "Bearer",
      });
    if (access === "hidden") throw unknownService(name);
    throw new Refusal(
      403,
      "This token may not ask this service: it needs the scope serving:predict. Create one in Settings.",
    );
  }

  #find(name: string): LiveService {
    const { services } = this.#options;
    const found = services.get(name);
    if (found) return found;
    if (services.projectOf(name) === null) throw unknownService(name);
    throw new Refusal(503, services.problemOf(name), { "retry-after": "5" });
  }

  #fail(call: Call, error: unknown): Refusal {
    const refusal = this.#refusalOf(call, error);
    const issues = refusal instanceof WrongFields ? { issues: refusal.issues } : {};
    const body = { error: refusal.message, ...issues, request_id: call.requestId };
    answer(call, refusal.status, JSON.stringify(body), refusal.headers);
    return refusal;
  }

  #refusalOf(call: Call, error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (isAppError(error)) {
      const later = error.status === 429 || error.status === 503 ? { "retry-after": "1" } : {};
      return new Refusal(error.status, [error.message, error.place.remedy].filter(Boolean).join(" "), later);
    }
    this.#options.log.error({ err: error, requestId: call.requestId, url: call.request.url }, "a request failed");
    return new Refusal(500, `Something went wrong here; request ${call.requestId} in the server's log says what.`);
  }

  #tell(call: Call, { service, caller, input, output }: Seen, status: number, error: string | null): void {
    if (!service) return;
    const { requestId, receivedAt } = call;
    const latencyUs = (performance.now() - call.started) * 1000;
    this.#options.onOutcome({ service, requestId, receivedAt, latencyUs, status, caller, input, output, error });
  }
}

/** The service's own answer. Throws what the process throws, and a Refusal for what its code refuses or fails at. */
async function ask(service: LiveService, requestId: string, request: unknown): Promise<unknown> {
  const { entry, process } = service;
  const context = { requestId, service: entry.name, publication: entry.publication };
  let header: Readonly<Record<string, unknown>>;
  try {
    ({ header } = await process.ask({ act: "handle", request, context }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new Refusal(500, `The service's code failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { refused, status, value } = header;
  if (typeof refused === "string") throw new Refusal(Number(status), refused);
  return value ?? null;
}

function bodyOf(call: Call, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    readBody(call, limit, (refused, bytes) => {
      if (refused) reject(refused);
      else resolve(bytes);
    });
  });
}

function sentenceOf(issues: readonly Issue[], withValue = true): string {
  const [first] = issues;
  if (!first) return "";
  const value = withValue && Object.hasOwn(first, "value") ? `, got ${JSON.stringify(first.value)}` : "";
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${first.field}: ${first.message}${value}. ${first.remedy}${more}`;
}

function unknownService(name: string): Refusal {
  return new Refusal(404, `There is no service named '${name}'.`);
}
