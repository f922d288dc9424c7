import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelSource } from "#server/platform/runtimes.ts";
import type { Examined, InlineBounds } from "./examine.ts";
import { readPlan } from "./forest/plan-file.ts";
import type { Proof, ProofOrder } from "./prover-process.ts";
import { errorOf } from "./refused.ts";

/** Whoever waits for a prediction goes first: on a core that both share, this gets a quarter. With less (10) a forest of 7 MB took longer than a rollback may. */
const PRIORITY = 5;
/** Of the threads that compile and collect beside it each has such a share of the core too: one will do. */
const ARGS = ["--v8-pool-size=1"];
/** The largest models take minutes to be read and proved. What takes longer will never come to an end. */
const MOST_MS = 15 * 60_000;

let prover: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Starts the process that proves models, if it is not there: at the start of a server, since a process with much memory stands still while it starts another.
 * It ends with this one.
 */
export function startProver(): ChildProcess {
  if (prover) return prover;
  const child = fork(fileURLToPath(new URL("./prover-process.ts", import.meta.url)), {
    execArgv: ARGS,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  prover = child;
  const gone = (): void => {
    if (prover === child) prover = undefined;
  };
  child.once("exit", gone);
  child.once("error", gone);
  try {
    // Before it has other threads, which take it over.
    if (child.pid !== undefined) setPriority(child.pid, PRIORITY);
  } catch {
    // It works as well, at more cost to others.
  }
  rest(child);
  return child;
}

/**
 * Has a model examined in that process, after those that were asked for before, so that what it dies of is known. A model that makes the runtime crash
 * ends that one and no other.
 *
 * @throws AppError `invalid_input` for a model that does not hold; Error when the process ends or takes too long.
 */
export async function examineApart(source: ModelSource, bounds: InlineBounds): Promise<Examined> {
  const mine = last.then(() => examineNow(source, bounds));
  last = mine.catch(() => undefined);
  return await mine;
}

async function examineNow(source: ModelSource, bounds: InlineBounds): Promise<Examined> {
  const forestFile = path.join(tmpdir(), `touchstone-forest-${randomUUID()}`);
  try {
    const proof = await ask({ source, bounds, forestFile });
    if ("refused" in proof) throw errorOf(proof.refused);
    return proof.place === "forest" ? await readPlan(forestFile) : proof.place;
  } finally {
    await rm(forestFile, { force: true });
  }
}

async function ask(order: ProofOrder): Promise<Proof> {
  const child = startProver();
  const answer = Promise.withResolvers<Proof>();
  const ended = (code: number | null, signal: string | null): void =>
    answer.reject(new Error(`the process that proves models ended (${signal ?? `code ${code}`})`));
  const failed = (error: Error): void => answer.reject(error);
  const told = (proof: unknown): void => answer.resolve(proof as Proof);
  child.once("message", told).once("exit", ended).once("error", failed);
  const timer = setTimeout(() => {
    answer.reject(new Error(`it was not proved within ${MOST_MS / 60_000} minutes`));
    child.kill("SIGKILL");
  }, MOST_MS);
  child.ref();
  child.channel?.ref();
  try {
    child.send(order, (error) => {
      if (error) failed(error);
    });
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    child.off("message", told).off("exit", ended).off("error", failed);
    rest(child);
  }
}

/** While it has nothing to do, it keeps nobody alive. */
function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}
