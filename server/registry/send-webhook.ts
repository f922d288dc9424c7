import { createHmac } from "node:crypto";
import { lookup as lookUp } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { mayConnectTo, webhookUrl } from "./webhook-address.ts";
import type { WebhookEvent } from "./webhooks-contract.ts";

/** How long a receiver may take for its whole answer, and how much of it is kept. */
const TIMEOUT_MS = 30_000;
const KEPT_BYTES = 64 * 1024;

export interface WebhookMessage {
  readonly url: string;
  readonly secret: string | null;
  readonly deliveryId: string;
  readonly event: WebhookEvent;
  readonly data: unknown;
  /** When it happened. */
  readonly at: Date;
}
export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
}

/** MLflow's signature: HMAC-SHA256 over "<delivery id>.<timestamp>.<payload>", as "v1,<base64>". */
export function webhookSignature(secret: string, deliveryId: string, timestamp: string, payload: string): string {
  const mac = createHmac("sha256", secret).update(`${deliveryId}.${timestamp}.${payload}`).digest("base64");
  return `v1,${mac}`;
}

/** Looks a name up and refuses inner addresses: the connection is then made to the very address that was judged. */
const guardedLookup: LookupFunction = (hostname, options, done) => {
  lookUp(hostname, { ...options, all: true }, (error, found) => {
    if (error) {
      done(error, "", 0);
      return;
    }
    const allowed = found.filter(({ address }) => mayConnectTo(address));
    const [first] = allowed;
    if (!first) done(new Error(`${hostname} leads to no public address; see WEBHOOK_PRIVATE.`), "", 0);
    else if (options.all) done(null, allowed);
    else done(null, first.address, first.family);
  });
};

/**
 * Posts one message as MLflow does, following no redirection. Throws when there is no answer: a wrong address, a refused connection, or silence for half
 * a minute.
 */
export async function sendWebhook(message: WebhookMessage): Promise<WebhookAnswer> {
  const url = webhookUrl(message.url);
  const [entity, action] = message.event.split(".");
  const payload = JSON.stringify({ entity, action, timestamp: message.at.toISOString(), data: message.data });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = message.secret
    ? { "x-mlflow-signature": webhookSignature(message.secret, message.deliveryId, timestamp, payload) }
    : {};
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(payload),
    "user-agent": "touchstone-webhook",
    "x-mlflow-delivery-id": message.deliveryId,
    "x-mlflow-timestamp": timestamp,
    ...signature,
  };
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  return await new Promise<WebhookAnswer>((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = open(url, { method: "POST", headers, lookup: guardedLookup, signal, agent: false });
    request.on("error", (error) => {
      reject(signal.aborted ? new Error(`No answer within ${TIMEOUT_MS / 1000} s.`) : error);
    });
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < KEPT_BYTES) body += chunk.slice(0, KEPT_BYTES - body.length);
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.end(payload);
  });
}
