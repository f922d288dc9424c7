import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { parseArgs } from "node:util";

// A load generator that costs little itself: one request after the other on each of a few kept-alive sockets, for a bounded time.
// Prints one line of JSON. Runs in a process of its own, so that it is not measured with the server. `--requests` ends it after so many answers, and
// `--count <pattern>` counts answers by what the groups of the pattern match in their bodies.
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    path: { type: "string", default: "/" },
    body: { type: "string" },
    token: { type: "string", default: "good" },
    connections: { type: "string", default: "1" },
    seconds: { type: "string", default: "5" },
    warm: { type: "string", default: "1" },
    requests: { type: "string", default: "Infinity" },
    count: { type: "string" },
  },
});
const port = Number(values.port);
const body = values.body === undefined ? "" : readFileSync(values.body, "utf8");
const head =
  body === ""
    ? `GET ${values.path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`
    : `POST ${values.path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${values.token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
const message = Buffer.from(head + body);

const measureFrom = performance.now() + Number(values.warm) * 1000;
const measureTo = measureFrom + Number(values.seconds) * 1000;
const most = Number(values.requests);
const pattern = values.count === undefined ? null : new RegExp(values.count);
const answers: Record<string, number> = {};
const latencies: number[] = [];
const statuses: Record<string, number> = {};
let broken = 0;
let sent = 0;

/** Sends requests on one socket until the time is up; a lost connection counts as a failure and is opened again. */
function client(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    let started = 0;
    let received = "";
    let ended = false;
    const send = () => {
      started = performance.now();
      if (started >= measureTo || sent >= most) {
        ended = true;
        socket.destroy();
        resolve();
      } else socket.write(message);
    };
    const lost = () => {
      if (ended) return;
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      broken += 1;
      resolve(client());
    };
    socket.on("connect", send);
    socket.on("error", lost);
    socket.on("close", lost);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(received.slice(0, end))?.[1];
      if (length === undefined || received.length < end + 4 + Number(length)) return;
      const now = performance.now();
      if (now >= measureFrom) {
        const status = received.slice(9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        latencies.push(now - started);
        if (pattern) {
          const found = pattern.exec(received.slice(end))?.slice(1).join(" ") ?? "no match";
          answers[found] = (answers[found] ?? 0) + 1;
        }
      }
      received = "";
      sent += 1;
      send();
    });
  });
}

await Promise.all(Array.from({ length: Number(values.connections) }, client));
latencies.sort((a, b) => a - b);
const at = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
const seconds = (performance.now() - measureFrom) / 1000;
process.stdout.write(
  `${JSON.stringify({ requests: latencies.length, sent, perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99), max: at(1), statuses, broken, answers })}\n`,
);
