import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { log } from "#server/platform/log.ts";
import { compressJson } from "./compress-json.ts";
import { mlflow } from "./mlflow.ts";

/** The MLflow API at the root and below /p/<project>. */
const MLFLOW = /^(?:\/p\/[^/?]+)?\/(?:ajax-api|api)\/[23]\.0\/mlflow(?:-artifacts)?\//;
/** A body of a stated length up to this is read whole, which takes a tenth of the time of a stream. */
const WHOLE = 1024 * 1024;

const UNREADABLE = JSON.stringify({ error_code: "BAD_REQUEST", message: "The request cannot be read." });

/** Whether a request is answered without the framework. */
export function isDirect({ url }: Pick<IncomingMessage, "url">): boolean {
  return url !== undefined && MLFLOW.test(url);
}

/**
 * Answers a call of the MLflow API past Next, whose way from socket to route handler takes several times as long as the call itself: the handler is the one
 * that the route exports. Never rejects.
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
    await send(incoming, outgoing, await mlflow(request));
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
