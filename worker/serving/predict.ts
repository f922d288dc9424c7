import type { Caller, RequestErrorRecord } from "#server/serving/contract.ts";
import { answer, answerBinary, type Call } from "./call.ts";
import type { ServingDeps } from "./deps.ts";
import type { Asked, Form } from "./forms/form.ts";
import { type Dealt, demandKeys, demandRoom, infer } from "./infer.ts";
import type { LiveArm } from "./live-arm.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import { readKey } from "./request-facts.ts";
import { isMixed, type Keys } from "./router.ts";

/** What stands in an answer that no version gave. */
const FALLBACK = '"arm":"fallback","fallback":true';
/** Of a body that got no prediction, for those who look for the reason. */
const BODY_CHARACTERS = 2_000;

interface Told {
  readonly status: number;
  readonly message: string;
}
type Deps = Pick<ServingDeps, "logPrediction" | "logError" | "admitRequest" | "admitRows">;

/** One request for predictions from the moment its body is here until it is answered. */
export class Prediction {
  readonly #call: Call;
  readonly #form: Form;
  readonly #deps: Deps;
  readonly #fail: (error: unknown) => Told;
  #endpoint: LiveEndpoint | undefined;
  #arm: LiveArm | null = null;
  #keys: Keys | null = null;
  #routed = false;
  #caller: Caller | null = null;
  #isAllowed = false;
  #body: Buffer | null = null;

  /** `fail` answers with an error and says what was answered. */
  constructor(call: Call, form: Form, deps: Deps, fail: (error: unknown) => Told) {
    this.#call = call;
    this.#form = form;
    this.#deps = deps;
    this.#fail = fail;
  }

  /** Where the request went, for the counts of what fails before the body is here. */
  at(endpoint: LiveEndpoint | undefined): void {
    this.#endpoint = endpoint;
  }

  /** The token may ask. Throws a Refusal when it asks too often. */
  allow(endpoint: LiveEndpoint | undefined, caller: Caller | null): void {
    this.#caller = caller;
    this.#isAllowed = true;
    if (caller && endpoint) demandRoom(this.#deps.admitRequest(caller, endpoint.plan.endpointId));
  }

  /** Deals the request to an arm and has it answered, now or later. `version` is what the address asks for. Throws Refusals. */
  answer(endpoint: LiveEndpoint, version: string | null, body: Buffer): void {
    this.#endpoint = endpoint;
    this.#body = body;
    const { headers } = this.#call.request;
    if (endpoint.silence !== null) {
      this.#answerInstead(endpoint, body);
      return;
    }
    const asked = this.#form.parse(body, headers);
    const id = asked.id ?? this.#call.newId();
    this.#keys = asked.keys ?? keyOf(headers["x-entity-key"]);
    this.#arm = version === null ? endpoint.deal(this.#keys ?? id) : endpoint.armOf(version);
    // Between reading `silence` and here nothing else runs, so there is an arm.
    if (!this.#arm) throw endpoint.refusal();
    this.#routed = version === null && !isMixed(this.#keys);
    const dealt: Dealt = {
      form: this.#form,
      asked,
      id,
      keys: this.#keys,
      routed: this.#routed,
      caller: this.#caller,
    };
    infer(this.#call, this.#arm, dealt, this.#deps, (error, rows) => this.failed(error, rows));
  }

  /** Answers with an error, counts it and keeps it. */
  failed(error: unknown, rows = 0): void {
    const { status, message } = this.#fail(error);
    const latencyUs = (performance.now() - this.#call.started) * 1000;
    const stats = this.#arm?.stats ?? this.#endpoint?.refused;
    stats?.request(status, rows, latencyUs, this.#routed);
    // What strangers ask is counted, and not kept: they could fill the log.
    if (this.#endpoint && this.#isAllowed)
      this.#deps.logError(this.#record(this.#endpoint, status, message, latencyUs));
  }

  /** The declared answer, or a refusal that says why there is no prediction. */
  #answerInstead(endpoint: LiveEndpoint, body: Buffer): void {
    const { fallback, surface } = endpoint;
    if (!fallback || !surface) throw endpoint.refusal();
    const asked: Asked = this.#form.parse(body, this.#call.request.headers);
    const request = this.#form.read(surface, asked);
    demandKeys(asked.keys, request.rows);
    const id = asked.id ?? this.#call.newId();
    const written = this.#form.write(surface, id, request, [fallback(request.rows)], FALLBACK);
    const latencyUs = (performance.now() - this.#call.started) * 1000;
    const headers = { "x-touchstone-fallback": "true" };
    if (typeof written === "string") answer(this.#call, 200, written, headers);
    else answerBinary(this.#call, written, headers);
    endpoint.fallbackStats?.request(200, request.rows, latencyUs, true);
  }

  #record(endpoint: LiveEndpoint, status: number, message: string, latencyUs: number): RequestErrorRecord {
    const { endpointId, projectId, log } = endpoint.plan;
    const isRedacted = Object.keys(log.redaction).length > 0;
    const keys = this.#keys;
    return {
      endpointId,
      projectId,
      modelVersionId: this.#arm?.model.entry.modelVersionId ?? null,
      arm: this.#arm?.code ?? null,
      routed: this.#routed,
      requestId: this.#call.requestId,
      receivedAt: this.#call.receivedAt,
      status,
      message,
      entityKey: typeof keys === "string" ? keys : null,
      caller: this.#caller?.id ?? null,
      body: isRedacted || !this.#body ? null : this.#body.toString("utf8", 0, BODY_CHARACTERS),
      latencyUs,
    };
  }
}

function keyOf(header: string | string[] | undefined): Keys | null {
  return header === undefined || header === "" ? null : readKey(header, "X-Entity-Key");
}
