// Runs a customised service that is written in TypeScript. Argument: the service's file. It exports `input` and `output`, which are JSON Schemas, and
// `handle(request, context)`. Node strips the types; what has to be translated, such as an enum, is refused by Node itself.
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

/** Messages as worker/runtimes/process/frames.ts describes them, over the descriptor that the worker holds the other end of. */
const channel = new net.Socket({ fd: 4 });

function send(header) {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(4 + json.length, 0);
  prefix.writeUInt32LE(json.length, 4);
  channel.write(Buffer.concat([prefix, json]));
}

const describe = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2000);

/** Standard error is the log of this process. */
const show = (error) => process.stderr.write(`${inspect(error)}\n`);

class Refusal extends Error {
  constructor(message, status) {
    super(message);
    if (!(Number.isInteger(status) && status >= 400 && status <= 499))
      throw new RangeError(`a refusal has a status from 400 to 499, not ${status}`);
    this.status = status;
  }
}

const waiting = new Map();
let last = 0;

function ask(method, params) {
  last += 1;
  send({ kind: "call", call: last, method, params });
  return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
}

function answered({ call, value, error }) {
  const waiter = waiting.get(call);
  waiting.delete(call);
  if (error === undefined) waiter?.resolve(value);
  else waiter?.reject(new Error(error));
}

function contextOf({ requestId, service, publication }) {
  return {
    requestId,
    service,
    publication,
    async predict(endpoint, rows) {
      const many = Array.isArray(rows);
      const predictions = await ask("predict", { endpoint, rows: many ? rows : [rows], requestId });
      return many ? predictions : predictions[0];
    },
    refuse: (message, status = 400) => new Refusal(message, status),
  };
}

async function answer(service, { id, request, context }) {
  try {
    const value = await service.handle(request, contextOf(context));
    send({ kind: "answer", id, value: value === undefined ? null : value });
  } catch (error) {
    if (error instanceof Refusal) {
      send({ kind: "answer", id, refused: error.message, status: error.status });
      return;
    }
    show(error);
    send({ kind: "error", id, error: describe(error) });
  }
}

async function load(file) {
  const name = path.basename(file);
  const service = await import(pathToFileURL(file).href);
  for (const part of ["input", "output"])
    if (typeof service[part] !== "object" || service[part] === null || Array.isArray(service[part]))
      throw new TypeError(`${name} exports no ${part}: a JSON Schema as an object`);
  if (typeof service.handle !== "function") throw new TypeError(`${name} exports no function handle(request, context)`);
  return service;
}

// The worker has gone, or wants this process to end.
channel.on("close", () => process.exit(0));
let service;
try {
  service = await load(process.argv[2]);
} catch (error) {
  show(error);
  send({ kind: "failed", error: describe(error) });
}

let rest = Buffer.alloc(0);
channel.on("data", (chunk) => {
  rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  while (rest.length >= 8 && rest.length >= 4 + rest.readUInt32LE(0)) {
    const end = 4 + rest.readUInt32LE(0);
    const header = JSON.parse(rest.toString("utf8", 8, 8 + rest.readUInt32LE(4)));
    rest = rest.subarray(end);
    if (header.act === "result") answered(header);
    else void answer(service, header);
  }
});
if (service) send({ kind: "ready", input: service.input, output: service.output, node: process.version });
