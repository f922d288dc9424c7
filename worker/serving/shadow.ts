import { rowWidth } from "#server/registry/contract.ts";
import type { ShadowRecord } from "#server/serving/contract.ts";
import { readScores } from "../runtimes/onnx/score-table.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import type { ArmStats } from "./arm-stats.ts";
import type { Batch, Piece } from "./batch.ts";
import { predictionId } from "./infer-answer.ts";
import type { LiveModel } from "./live-model.ts";
import type { Told } from "./prediction-records.ts";

/** Rows that may wait for a shadow: more are left out, so that it never falls far behind nor takes memory. */
const MOST_WAITING = 1024;

export interface ShadowDeps {
  /** Takes what a shadow said. Never throws and never waits. */
  readonly log: (record: ShadowRecord) => void;
  /** Whether the process is late with its answers: then a shadow lets rows pass. */
  readonly isBusy: () => boolean;
}

/** A version that scores the rows that another has answered, for nobody. It can neither slow nor fail an answer: it runs when that is sent. */
export class Shadow {
  readonly armId: string;
  readonly model: LiveModel;
  readonly stats: ArmStats;
  readonly #deps: ShadowDeps;
  readonly #keeps: (predictionId: string) => boolean;
  /** By input of the shadow: where the answering version has it, and how many values a row of it has. */
  readonly #inputs: readonly { readonly at: number; readonly width: number }[];

  /** `keeps` says which predictions the log keeps, so that it keeps the same of both. */
  constructor(
    armId: string,
    model: LiveModel,
    source: LiveModel,
    stats: ArmStats,
    keeps: (predictionId: string) => boolean,
    deps: ShadowDeps,
  ) {
    this.armId = armId;
    this.model = model;
    this.stats = stats;
    this.#keeps = keeps;
    this.#deps = deps;
    this.#inputs = model.entry.signature.inputs.map((input) => ({
      at: source.entry.signature.inputs.findIndex(({ name }) => name === input.name),
      width: rowWidth(input),
    }));
  }

  /** Takes the rows of an answered request, or lets them pass. Their memory is used again once this returns: they are copied. */
  take(told: Told, pieces: readonly Piece[]): void {
    const { batcher } = this.model;
    if (batcher.waiting + told.rows > MOST_WAITING || this.#deps.isBusy()) {
      this.stats.skip(told.rows);
      return;
    }
    const { outputs, meaningful } = this.model;
    batcher.submit(
      {
        rows: told.rows,
        queuedAt: performance.now(),
        wanted: meaningful.length > 0 ? meaningful : outputs,
        observer: this.stats,
        done: () => undefined,
        after: (own) => {
          this.stats.scored(told.rows);
          this.#record(told, own);
        },
        failed: () => this.stats.skip(told.rows),
      },
      (batch, row) => this.#copy(pieces, batch, row),
    );
  }

  #copy(pieces: readonly Piece[], batch: Batch, row: number): void {
    let to = row;
    for (const { batch: source, at, rows } of pieces) {
      for (let i = 0; i < this.#inputs.length; i += 1) {
        const input = this.#inputs[i];
        const [target, from] = [batch.data[i], source.data[input?.at ?? -1]];
        if (input && target && from) copyRows(from, at * input.width, target, to * input.width, rows * input.width);
      }
      to += rows;
    }
  }

  #record(told: Told, pieces: readonly Piece[]): void {
    const { endpointId, projectId, modelVersionId, signature } = this.model.entry;
    let row = 0;
    for (const { run, from, rows } of pieces) {
      const scores = (run.scores ??= readScores(run.outputs, signature, run.rows));
      const classes = (scores.probabilities?.length ?? 0) / run.rows;
      for (let i = 0; i < rows; i += 1, row += 1) {
        const id = predictionId(told.id, row, told.rows);
        if (!this.#keeps(id)) continue;
        const at = from + i;
        this.#deps.log({
          endpointId,
          projectId,
          modelVersionId,
          armId: this.armId,
          predictionId: id,
          receivedAt: told.receivedAt,
          eventTime: typeof told.eventTimes === "object" ? (told.eventTimes?.[row] ?? null) : told.eventTimes,
          label: scores.labels?.[at] ?? null,
          probabilities: scores.probabilities?.subarray(at * classes, (at + 1) * classes) ?? null,
          value: scores.values?.[at] ?? null,
          latencyUs: (run.ms * 1000) / run.rows,
        });
      }
    }
  }
}

/** Copies values between arrays of one datatype. */
function copyRows(from: TensorData, start: number, to: TensorData, at: number, length: number): void {
  if (Array.isArray(to)) for (let i = 0; i < length; i += 1) to[at + i] = String(from[start + i]);
  // All kinds of number arrays do the same here, which their types cannot say together.
  else (to as Float64Array).set((from as Float64Array).subarray(start, start + length), at);
}
