import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { log } from "#server/platform/log.ts";
import { compressJson } from "./compress-json.ts";
import { metricHistories, metricHistory } from "./metric-histories.ts";
import { mlflow } from "./mlflow.ts";
import { isReadable } from "./refuse-unreadable.ts";

/** The MLflow API at the root and below /p/<project>. */
const MLFLOW = /^(?:\/p\/[^/?]+)?\/(?:ajax-api|api)\/[23]\.0\/mlflow(?:-artifacts)?\//;
/** The histories of metrics, of which a comparison asks a dozen at once: megabytes of digits, for whose compression Next has but its own slow level. */
const HISTORIES = /^\/api\/v1\/projects\/([^/?]+)\/runs\/metrics(?:\?|$)/;
/** A body of a stated length up to this is read whole, which takes a tenth of the time of a stream. */
const WHOLE = 1024 * 1024;

const UNREADABLE = JSON.stringify({ error_code: "BAD_REQUEST", message: "The request cannot be read." });

/** What answers a request without the framework; null where the framework is to. */
function directly({
  method,
  url,
}: Pick<IncomingMessage, "method" | "url">): ((request: Request) => Promise<Response>) | null {
  if (url === undefined) return null;
  if (MLFLOW.test(url)) return mlflow;
  const project = HISTORIES.exec(url)?.[1];
  const histories = method === "GET" ? metricHistory : method === "POST" ? metricHistories : undefined;
  if (project === undefined || histories === undefined || !isReadable(url)) return null;
  return (request) => histories(request, { params: Promise.resolve({ project }) });
}

/** Whether a request is answered without the framework. */
export function isDirect(incoming: Pick<IncomingMessage, "method" | "url">): boolean {
  return directly(incoming) !== null;
}

/**
 * Answers a call of the MLflow API, or for histories of metrics, past Next, whose way from socket to route handler takes several times as long as the call
 * itself: the handler is the one that the route exports. Never rejects.
 */
export async function answerDirect(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let request: Request;
  try {
    request = await requestOf(incoming);
  } catch {
    // A method that a Request refuses, such as TRACE; or a caller who left in the middle of the body.
    if (incoming.destroyed) outgoing.destroy();
    else outgoing.writeHead(400, { "content-type": "application/json", connection: "close" }).end(UNREADABLE);
    return;
  }
  try {
    await send(incoming, outgoing, await (directly(incoming) ?? mlflow)(request));
  } catch (error) {
    // A caller who has left is no defect; whoever is still there must not wait for ever.
    if (!incoming.destroyed && !outgoing.destroyed)
      log.error({ err: error, url: incoming.url }, "a direct answer failed");
    outgoing.destroy();
  }
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const { method = "GET", headers, url = "/" } = incoming;
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) pairs.push([name, Array.isArray(value) ? value.join(", ") : value]);
  // What the handlers read of the address is its path and its query; a Host header may be anything.
  const address = `http://localhost${url}`;
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers: pairs });
  const length = Number(headers["content-length"] ?? Number.NaN);
  if (length <= WHOLE) return new Request(address, { method, headers: pairs, body: await buffer(incoming) });
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new Request(address, { method, headers: pairs, body, duplex: "half" } as RequestInit);
}

async function send(incoming: IncomingMessage, outgoing: ServerResponse, response: Response): Promise<void> {
  const headers = Object.fromEntries(response.headers);
  const isJson = headers["content-type"]?.startsWith("application/json") === true;
  if (!response.body || incoming.method === "HEAD") {
    await response.body?.cancel();
    outgoing.writeHead(response.status, headers).end();
  } else if (isJson) {
    const json = new Uint8Array(await response.arrayBuffer());
    const { body, headers: encoded } = await compressJson(json, incoming.headers["accept-encoding"]?.toString());
    outgoing.writeHead(response.status, { ...headers, ...encoded, "content-length": body.length }).end(body);
  } else {
    outgoing.writeHead(response.status, headers);
    await pipeline(Readable.fromWeb(response.body as never), outgoing);
  }
}
