import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import { bestIsolation, confine } from "../../isolation/isolation.ts";
import { LastWords } from "../../isolation/last-words.ts";
import { descend, type ProcessRow, processTree, readProcessTable } from "../../isolation/process-table.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import { OutputLines } from "./output-lines.ts";
import type { ProcessFolder } from "./process-folder.ts";

/** The descriptor over which worker and process speak: standard output stays free for what the code prints. */
export const CHANNEL = 4;
const WATCH_MS = 500;
const FRAME_BYTES = 64 * 1024 * 1024;

export interface ProcessSpec {
  /** As people call it: "penguins version 3". */
  readonly name: string;
  readonly argv: readonly string[];
  /** The whole environment of the process; nothing of the worker's own is added: it holds the database's password. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: ProcessFolder;
  /** Further folders that it needs and may not write: its environment, interpreters. */
  readonly readOnly: readonly string[];
  readonly memoryBytes: number;
}

/** How a process ended, in words: "it used 310 MB of memory; its limit is 256 MB". */
export interface LifeEnd {
  readonly reason: string;
  /** Whether the worker wanted it to end. */
  readonly wanted: boolean;
}

/** What a life tells its owner. */
export interface LifeListener {
  readonly onFrame: (frame: Frame) => void;
  readonly onEnd: (end: LifeEnd) => void;
}

/**
 * One process from its start to its end, confined as a pipeline's step is. It ends with the worker, however that ends: by its namespace or its watcher, and
 * because its channel is closed.
 */
export class ProcessLife {
  readonly startedAt = performance.now();
  readonly #spec: ProcessSpec;
  readonly #listener: LifeListener;
  readonly #child: ChildProcess;
  readonly #channel: Duplex | null;
  /** What it wrote to standard error since its last message: words of an earlier request are not why it ended. */
  #lastWords = new LastWords();
  readonly #wrapped: boolean;
  readonly #watch: NodeJS.Timeout;
  readonly #closed: Promise<void>;
  #kill: NodeJS.Timeout | undefined;
  #why: string | null = null;
  #wanted = false;
  #ended = false;

  constructor(spec: ProcessSpec, log: Log, listener: LifeListener) {
    this.#spec = spec;
    this.#listener = listener;
    const { folder } = spec;
    const command = confine(bestIsolation(), spec.argv, {
      dir: folder.root,
      cwd: folder.code,
      inputs: folder.inputs,
      readOnly: spec.readOnly,
    });
    this.#wrapped = command.wrapped;
    this.#child = spawn(command.file, command.args, {
      cwd: folder.code,
      env: spec.env as unknown as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", command.watched ? "pipe" : "ignore", "pipe"],
    });
    // A pipe whose other end is gone must not bring the worker down.
    for (const stream of this.#child.stdio) stream?.on("error", () => undefined);
    const lines = { stdout: new OutputLines(log, "stdout"), stderr: new OutputLines(log, "stderr") };
    this.#child.stdout?.on("data", (chunk: Buffer) => lines.stdout.add(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      lines.stderr.add(chunk);
      this.#lastWords.add(chunk);
    });
    this.#channel = (this.#child.stdio[CHANNEL] as Duplex | null | undefined) ?? null;
    const reader = new FrameReader(FRAME_BYTES);
    this.#channel?.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#watch.unref();
    this.#closed = new Promise((resolve) => {
      const ended = (reason: string) => {
        if (this.#ended) return;
        this.#ended = true;
        clearInterval(this.#watch);
        clearTimeout(this.#kill);
        lines.stdout.end();
        lines.stderr.end();
        listener.onEnd({ reason: this.#why ?? reason, wanted: this.#wanted });
        resolve();
      };
      this.#child.once("error", (error) => {
        // Without a process there will be no "close".
        if (this.#child.pid === undefined) ended(`it could not be started: ${error.message}`);
      });
      // What it left behind would keep its pipes open, and run on unwatched.
      this.#child.once("exit", () => this.#signalGroup("SIGKILL"));
      this.#child.once("close", (code, signal) => ended(this.#exitText(code, signal)));
    });
  }

  /** Sends a message. What cannot be sent because the process is gone shows as its end. */
  send(header: Readonly<Record<string, unknown>>, body?: readonly Uint8Array[]): void {
    if (this.#channel?.writable) this.#channel.write(encodeFrame(header, body));
  }

  /** Ends it at once, with the reason that its requests are told. */
  kill(reason: string): void {
    if (this.#ended) return;
    this.#why ??= reason;
    for (const row of this.#tree()) send(row.pid, "SIGKILL");
    this.#signalGroup("SIGKILL");
  }

  /** Asks it to end, and ends it after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#ended) {
      this.#wanted = true;
      this.#why ??= "it was stopped";
      // Its host ends when the channel does; what wraps it follows.
      this.#channel?.end();
      this.#kill ??= setTimeout(() => this.kill("it was stopped"), graceMs);
    }
    await this.#closed;
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    if (this.#ended) return;
    try {
      for (const frame of reader.push(chunk)) {
        this.#lastWords = new LastWords();
        this.#listener.onFrame(frame);
      }
    } catch (error) {
      this.kill(`it sent what cannot be read: ${messageOf(error)}`);
    }
  }

  /** Everything it runs. In a process namespace nothing leaves the tree; else the group has to be looked for as well. */
  #tree(): ProcessRow[] {
    const { pid } = this.#child;
    if (pid === undefined) return [];
    return (this.#wrapped ? descend(pid) : null) ?? processTree(readProcessTable(), pid);
  }

  #look(): void {
    if (this.#ended) return;
    const bytes = this.#tree().reduce((sum, row) => sum + row.rssBytes, 0);
    const { memoryBytes } = this.#spec;
    if (bytes > memoryBytes) this.kill(`it used ${megabytes(bytes)} of memory; its limit is ${megabytes(memoryBytes)}`);
  }

  #signalGroup(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined) send(-pid, name);
  }

  #exitText(code: number | null, by: NodeJS.Signals | null): string {
    const words = this.#lastWords.line();
    const said = words === null ? "" : `: ${words}`;
    if (by !== null) return `it was ended by ${by}${said}`;
    // Shells and wrappers tell a signal by 128 and its number.
    if (code !== null && code > 128 && code < 160) return `it was ended by signal ${code - 128}${said}`;
    return `it ended with exit code ${code ?? "?"}${said}`;
  }
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / (1024 * 1024)).toLocaleString("en")} MB`;
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
