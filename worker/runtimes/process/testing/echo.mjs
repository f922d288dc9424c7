// A process for tests: it speaks the frames by itself and does what it is told.
import { readFileSync } from "node:fs";
import net from "node:net";

const channel = new net.Socket({ fd: 4 });
let rest = Buffer.alloc(0);

function send(header, body = Buffer.alloc(0)) {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(4 + json.length + body.length, 0);
  prefix.writeUInt32LE(json.length, 4);
  channel.write(Buffer.concat([prefix, json, body]));
}

/** As the kernel keeps it: nothing has had a chance to change it. */
function environment() {
  const lines = readFileSync("/proc/self/environ", "latin1").split("\0").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

const held = [];
const acts = {
  echo: ({ id, value }, body) => send({ kind: "answer", id, value }, body),
  environment: ({ id }) => send({ kind: "answer", id, value: environment() }),
  pid: ({ id }) => send({ kind: "answer", id, value: process.pid }),
  refuse: ({ id }) => send({ kind: "error", id, error: "ValueError: not this" }),
  silent: () => undefined,
  block: () => {
    for (;;);
  },
  grow: () => setInterval(() => held.push(Buffer.alloc(32 * 1024 * 1024, 1)), 50),
  crash: () => {
    console.error("RuntimeError: it broke");
    process.exit(3);
  },
  garbage: () => channel.write(Buffer.alloc(64, 255)),
  flood: ({ id }) => {
    for (let i = 0; i < 5000; i += 1) console.log(`line ${i}`);
    send({ kind: "answer", id });
  },
  ask: ({ id, method, params }) => send({ kind: "call", call: id, method, params }),
  result: ({ call, value, error }) => send({ kind: "answer", id: call, value, error }),
};

channel.on("data", (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= 8 && rest.length >= 4 + rest.readUInt32LE(0)) {
    const length = rest.readUInt32LE(0);
    const size = rest.readUInt32LE(4);
    const header = JSON.parse(rest.subarray(8, 8 + size).toString());
    const body = rest.subarray(8 + size, 4 + length);
    rest = rest.subarray(4 + length);
    acts[header.act](header, body);
  }
});
channel.on("close", () => process.exit(0));

const [mode] = process.argv.slice(2);
if (mode === "refuse") send({ kind: "failed", error: "ImportError: no module named nothing" });
else if (mode === "exit") process.exit(7);
else if (mode !== "mute") send({ kind: "ready", node: process.version });
