import { connect, type Socket } from "node:net";

// One kept-alive connection, one request after the other, and as little as possible beside: what is measured is the server.

interface Waiting {
  resolve(answer: { status: number; body: string }): void;
  reject(error: Error): void;
}

/** The whole answer in `received` as [status, body], or null when more must come. */
function whole(received: Buffer): [number, string] | null {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = received.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const to = end + 4 + Number(length);
    return received.length < to ? null : [status, received.toString("utf8", end + 4, to)];
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return status === 204 ? [status, ""] : null;
  const parts: Buffer[] = [];
  for (let at = end + 4; ; ) {
    const line = received.indexOf("\r\n", at);
    if (line < 0) return null;
    const size = Number.parseInt(received.toString("latin1", at, line), 16);
    if (received.length < line + 4 + size) return null;
    if (size === 0) return [status, Buffer.concat(parts).toString("utf8")];
    parts.push(received.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}

class Closed extends Error {}

/** A client of one server; `token` is sent as bearer token. */
export class Connection {
  readonly #port: number;
  readonly #head: string;
  #socket: Socket | undefined;
  #parts: Buffer[] = [];
  #waiting: Waiting | undefined;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#head = `host: 127.0.0.1:${port}\r\n${token === "" ? "" : `authorization: Bearer ${token}\r\n`}`;
  }

  async #open(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const socket = connect(this.#port, "127.0.0.1");
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("error", reject);
    });
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Closed("the server closed the connection")));
    this.#socket = socket;
    return socket;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.#parts = [];
  }

  #receive(chunk: Buffer): void {
    this.#parts.push(chunk);
    const answer = whole(this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts));
    if (!answer) return;
    this.#parts = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: answer[0], body: answer[1] });
  }

  /** Sends one request and returns its JSON; anything but 200 throws. `milliseconds` is from the first byte sent to the last received. */
  async call(method: "GET" | "POST", path: string, body = ""): Promise<{ body: string; milliseconds: number }> {
    try {
      return await this.#call(method, path, body);
    } catch (error) {
      // A server may close a connection that was idle just when the next request is on its way.
      if (!(error instanceof Closed)) throw error;
      return await this.#call(method, path, body);
    }
  }

  async #call(method: "GET" | "POST", path: string, body: string): Promise<{ body: string; milliseconds: number }> {
    const socket = await this.#open();
    const head = `${method} ${path} HTTP/1.1\r\n${this.#head}`;
    const started = performance.now();
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      socket.write(
        body === ""
          ? `${head}\r\n`
          : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
    const milliseconds = performance.now() - started;
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
    return { body: answer.body, milliseconds };
  }

  close(): void {
    this.#socket?.removeAllListeners("close");
    this.#socket?.destroy();
  }
}

/** The `share` quantile of some measurements. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
