import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { checkoutCommit } from "#server/code/index.ts";
import { isAppError, messageOf } from "#server/kernel/errors.ts";
import {
  appendLog,
  type AttemptOutcome,
  type ClaimedStep,
  evaluateGate,
  finishAttempt,
  issueAttemptToken,
  markLogTruncated,
  recordIsolation,
  renderWord,
} from "#server/pipelines/index.ts";
import type { GateResult, StoredOutput } from "#server/pipelines/contract.ts";
import type { Log } from "#server/platform/log.ts";
import { type AttemptFolder, makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import { captureOrigin } from "./capture-origin.ts";
import { collectOutputs, OutputError } from "./collect-outputs.ts";
import { ensureExperiment } from "./ensure-experiment.ts";
import { ensureEnvironment } from "../environments/ensure.ts";
import { EnvironmentError } from "../environments/failure.ts";
import { bestIsolation, confine } from "../isolation/isolation.ts";
import { LastWords } from "../isolation/last-words.ts";
import { LogWriter } from "./log-writer.ts";
import { placeInputs } from "./place-inputs.ts";
import { registerModel } from "./register-model.ts";
import { scoreDataset } from "./score-dataset.ts";
import { resolveProgram, stepEnvironment } from "./step-environment.ts";
import { type Ending, type ProcessEnd, StepProcess } from "./step-process.ts";

/** Bytes of log that one attempt may keep. */
export const LOG_CAP_BYTES = 5_000_000;
const MAX_GATE_BYTES = 10_000_000;

/** One attempt at a step, from its claim to the transaction that ends it. */
export class Attempt {
  readonly claimed: ClaimedStep;
  readonly done: Promise<void>;
  readonly #workerId: string;
  readonly #log: Log;
  readonly #writer: LogWriter;
  readonly #lastWords = new LastWords();
  #process: StepProcess | null = null;
  #ending: Ending | null = null;
  readonly #ended = new AbortController();
  /** The lease is lost: whatever comes out of it must not be stored. */
  #fenced = false;

  constructor(claimed: ClaimedStep, workerId: string, log: Log) {
    this.claimed = claimed;
    this.#workerId = workerId;
    this.#log = log.child({
      run: claimed.run.number,
      step: claimed.step.id,
      cell: claimed.matrixKey,
      attempt: claimed.attempt,
    });
    const { attemptId, run } = claimed;
    this.#writer = new LogWriter({
      append: (seq, text) => appendLog({ workerId, attemptId, projectId: run.projectId, seq, text }),
      capBytes: LOG_CAP_BYTES,
      onTruncated: () => markLogTruncated(attemptId),
      onError: (error) => this.#log.warn({ err: error }, "a part of the step's log could not be stored yet"),
    });
    this.done = this.#run().catch((error: unknown) =>
      this.#log.error({ err: error }, "an attempt could not be ended; its lease will run out"),
    );
  }

  /** Asks the attempt to end before its time. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#ended.abort();
    this.#process?.end(ending);
  }

  /** Ends the process at once and stores nothing: another worker has, or will have, the step. */
  fence(): void {
    this.#fenced = true;
    this.end({ status: "lost", reason: "lost", message: "The lease was lost.", graceMs: 0 });
  }

  async #run(): Promise<void> {
    const { claimed } = this;
    const { kind } = claimed.step;
    const outcome = await (kind === "register"
      ? this.#register()
      : kind === "score"
        ? this.#score()
        : this.#runProcess());
    if (outcome.message) this.#writer.note(outcome.message);
    if (this.#fenced) return;
    await this.#writer.close();
    const stored = await finishAttempt(this.#workerId, claimed.attemptId, outcome);
    if (stored) this.#log.info({ status: outcome.status, reason: outcome.reason }, "attempt ended");
    else this.#log.warn("the attempt's lease was lost before its end; its results are dropped");
  }

  async #register(): Promise<AttemptOutcome> {
    try {
      await recordIsolation(this.claimed.attemptId, "worker");
      const result = await registerModel(this.claimed);
      this.#writer.note(`${result.modelName} version ${result.version} is registered.`);
      return { status: "succeeded", reason: null, message: null, result };
    } catch (error) {
      return this.#refused("register", error);
    }
  }

  async #score(): Promise<AttemptOutcome> {
    try {
      await recordIsolation(this.claimed.attemptId, "worker");
      const { result, outputs } = await scoreDataset(this.claimed, {
        ended: this.#ended.signal,
        isCancelled: () => this.#ending?.status === "cancelled",
        note: (line) => this.#writer.note(line),
      });
      this.#writer.note(`${result.rows} predictions are version ${result.version} of ${result.dataset}.`);
      return { status: "succeeded", reason: null, message: null, result, outputs };
    } catch (error) {
      return this.#ending ? this.#endedEarly() : this.#refused("score", error);
    }
  }

  #refused(reason: "register" | "score", error: unknown): AttemptOutcome {
    if (!isAppError(error)) this.#log.error({ err: error, reason }, "a built-in step failed unexpectedly");
    const message = isAppError(error)
      ? [error.message, error.place.remedy].filter(Boolean).join(" ")
      : `Unexpected: ${messageOf(error)}`;
    return { status: "failed", reason, message };
  }

  async #runProcess(): Promise<AttemptOutcome> {
    let folder: AttemptFolder | null = null;
    try {
      folder = await makeAttemptFolder(this.claimed.attemptId);
      const process = await this.#start(folder);
      if (!process) return this.#endedEarly();
      return await this.#judge(await process.done, folder);
    } catch (error) {
      const known = isAppError(error) || error instanceof EnvironmentError;
      if (!known) this.#log.error({ err: error }, "a step could not be run");
      return { status: "failed", reason: "start", message: `The step could not be started: ${messageOf(error)}` };
    } finally {
      // The outcome does not wait for the clean-up.
      if (folder)
        void removeAttemptFolder(folder).catch((error: unknown) =>
          this.#log.warn({ err: error }, "an attempt's folder could not be removed"),
        );
    }
  }

  async #start(folder: AttemptFolder): Promise<StepProcess | null> {
    const { claimed } = this;
    const { step, run } = claimed;
    const isolation = bestIsolation();
    const python = run.env
      ? await ensureEnvironment({
          projectId: run.projectId,
          commit: run.commit,
          env: run.env,
          workerId: this.#workerId,
          log: this.#log,
          onLine: (line) => this.#writer.note(line),
        })
      : null;
    const [inputs, token] = await Promise.all([
      placeInputs(claimed, folder.inputs, isolation !== "process"),
      issueAttemptToken(claimed, isolation),
      checkoutCommit(run.projectId, run.commit, folder.code),
      ensureExperiment(run.projectId, run.pipeline),
    ]);
    const outputs = Object.fromEntries(
      Object.entries(step.outputs).map(([name, relative]) => [name, path.join(folder.code, ...relative.split("/"))]),
    );
    for (const target of Object.values(outputs)) await mkdir(path.dirname(target), { recursive: true });
    if (this.#ending) return null;
    const values = { inputs, outputs, params: run.params, matrix: claimed.matrix };
    const words = step.command.flatMap((word) =>
      renderWord(word, (reference) => values[reference.from][reference.name]),
    );
    await captureOrigin(claimed, folder, { words, python });
    const command = confine(isolation, resolveProgram(words, python?.interpreter ?? null), {
      dir: folder.root,
      cwd: folder.code,
      inputs: folder.inputs,
      readOnly: [...(python?.folders ?? []), ...nodeFolder()],
    });
    this.#process = new StepProcess({
      command,
      cwd: folder.code,
      env: stepEnvironment(claimed, folder, { token, python: python?.interpreter ?? null }),
      timeoutMs: step.timeoutMs,
      memoryBytes: step.memoryBytes,
      onOutput: (chunk, stream) => {
        this.#writer.write(chunk, stream);
        if (stream === "stderr") this.#lastWords.add(chunk);
      },
    });
    return this.#process;
  }

  #endedEarly(): AttemptOutcome {
    const { status, reason, message } = this.#ending ?? {
      status: "cancelled" as const,
      reason: "cancelled",
      message: "",
    };
    return { status, reason, message };
  }

  async #judge(end: ProcessEnd, folder: AttemptFolder): Promise<AttemptOutcome> {
    const facts = { exitCode: end.exitCode, peakRssBytes: end.peakRssBytes };
    if (end.ending)
      return { ...facts, status: end.ending.status, reason: end.ending.reason, message: end.ending.message };
    if (end.startError !== null)
      return {
        ...facts,
        status: "failed",
        reason: "start",
        message: `The command could not be started: ${end.startError}.`,
      };
    if (end.exitCode !== 0)
      return {
        ...facts,
        status: "failed",
        reason: "exit",
        message: exitText(end, this.claimed, this.#lastWords.line()),
      };
    let outputs: Record<string, StoredOutput>;
    try {
      outputs = await collectOutputs(this.claimed.step.outputs, folder.code);
    } catch (error) {
      if (!(error instanceof OutputError) && !isAppError(error)) throw error;
      return { ...facts, status: "failed", reason: "output", message: `It ended well, but ${error.message}.` };
    }
    const gate = await this.#gate(folder);
    if (gate && !gate.passed) return { ...facts, status: "failed", reason: "gate", message: gate.text, outputs, gate };
    return { ...facts, status: "succeeded", reason: null, message: null, outputs, gate };
  }

  async #gate(folder: AttemptFolder): Promise<GateResult | null> {
    const { gate, outputs } = this.claimed.step;
    const relative = gate ? outputs[gate.output] : undefined;
    if (!gate || relative === undefined) return null;
    const file = path.join(folder.code, ...relative.split("/"));
    const found = await stat(file);
    const content = found.isFile() && found.size <= MAX_GATE_BYTES ? await readFile(file, "utf8") : "";
    return evaluateGate(gate, { content, path: relative, params: this.claimed.run.params });
  }
}

/** Where this very Node lives, when that is not a folder of the system. */
function nodeFolder(): string[] {
  return [path.dirname(process.execPath)].filter((dir) => !dir.startsWith("/usr/") && !dir.startsWith("/opt/"));
}

function exitText(end: ProcessEnd, claimed: ClaimedStep, lastWords: string | null): string {
  const code = end.exitCode ?? 0;
  const [program = ""] = claimed.step.command.map((word) =>
    word.map((part) => (typeof part === "string" ? part : "…")).join(""),
  );
  if (end.signal) return `It was ended by the signal ${end.signal}.`;
  if (code === 127) return `Exit code 127: the program '${program}' was not found.`;
  if (code === 137) return "Exit code 137: it was killed from outside, perhaps because the machine ran out of memory.";
  return lastWords === null ? `Exit code ${code}.` : `Exit code ${code}: ${lastWords}`;
}
