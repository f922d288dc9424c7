import { createServer } from "node:http";
import { parseArgs } from "node:util";
import next from "next";
import { answerDirect, isDirect } from "#server/http/direct.ts";
import { refuseUnreadable } from "#server/http/refuse-unreadable.ts";

// The app as it runs in production: Next behind Node's own server, which answers by itself what programs call by the thousand. `next dev` answers the same
// by its routes. Stops on SIGTERM.

/** For what is under way when it is stopped; an event stream, which never ends by itself, is cut off then. */
const DRAIN_MS = 3_000;
/**
 * How long a connection without a request is kept. Node's own 5 seconds are about the time between two epochs: a training script would write into a
 * connection that is just being closed, again and again.
 */
const KEEP_ALIVE_MS = 75_000;

const { values } = parseArgs({
  options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "3000" } },
});
const address = { hostname: values.host, port: Number(values.port) };
const app = next({ dev: false, dir: import.meta.dirname, ...address });
const answer = app.getRequestHandler();
await app.prepare();

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
  if (isDirect(request)) void answerDirect(request, response);
  else if (!refuseUnreadable(request, response))
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
});
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(address.port, address.hostname);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    server.close(() => void app.close().finally(() => process.exit(0)));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  });
