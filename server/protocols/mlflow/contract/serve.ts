import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { actorOfToken } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { assignAlias, getVersion } from "#server/registry/index.ts";
import { answerMlflow } from "../index.ts";

// Node's HTTP in front of the handlers that the app's routes call, as a process of its own, so that its memory can be measured: no framework, the same
// Request and Response. Prints its port. Beside the API it answers what the tests need to know and to arrange, under /__.

const failures: string[] = [];
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20).unref();

async function callerOf(header: string) {
  const [scheme = "", value = ""] = header.split(" ");
  const secret = scheme === "Basic" ? Buffer.from(value, "base64").toString().split(":")[1] : value;
  const actor = await actorOfToken(secret ?? "");
  if (actor) return actor;
  throw new AppError("unauthenticated", "The API token is unknown, expired or revoked.");
}

/** What only the tests ask: memory since the last time, errors of ours, an approved promotion, a receiver of webhooks. */
async function arranged(request: Request): Promise<unknown> {
  const [, , act, name = "", version = ""] = new URL(request.url).pathname.split("/");
  switch (act) {
    case "memory": {
      const measured = { rss: process.memoryUsage.rss(), peak };
      globalThis.gc?.();
      peak = process.memoryUsage.rss();
      return measured;
    }
    case "failures":
      return failures;
    case "crown": {
      // What an approved promotion does; how one comes about is governance's to test.
      const actor = await callerOf(request.headers.get("authorization") ?? "");
      const { modelId, id } = await getVersion(actor, actor.token?.projectId ?? "", { name, version });
      await assignAlias(prisma(), { modelId, alias: "champion", versionId: id });
      return {};
    }
    default:
      return { received: await request.text() };
  }
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = incoming.method === "GET" || incoming.method === "HEAD" ? null : Readable.toWeb(incoming);
  const request = new Request(`http://localhost${incoming.url ?? "/"}`, {
    method: incoming.method ?? "GET",
    headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
    body,
    ...(body ? { duplex: "half" } : {}),
  } as RequestInit);
  const response = incoming.url?.startsWith("/__")
    ? Response.json(await arranged(request))
    : await answerMlflow(request, {
        requestId: uuidv7(),
        actorOf: () => callerOf(incoming.headers.authorization ?? ""),
      });
  if (response.status >= 500 && response.status !== 501)
    failures.push(`${response.status} ${incoming.method ?? ""} ${incoming.url ?? ""}`);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body as never), outgoing);
  else outgoing.end();
}

const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error: unknown) => {
    failures.push(`broken: ${String(error)}`);
    outgoing.destroy();
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address ? address.port : 0}\n`);
});
