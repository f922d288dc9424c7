import type { TableScores } from "#server/platform/runtimes.ts";
import { allocate, type Feed, type Outputs, slice, type TensorData } from "../runtimes/onnx/tensors.ts";
import type { InputTensor } from "./input-tensor.ts";

/** One run of the model. */
export interface Run {
  readonly outputs: Outputs;
  readonly rows: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** What the outputs mean; computed once, when the first of its predictions is logged. */
  scores?: TableScores;
}

/** The part of a request's answer that one run gave. */
export interface Piece {
  readonly run: Run;
  readonly batch: Batch;
  /** Where its rows stand in the run's outputs. */
  readonly from: number;
  /** Where they stand in the batch's inputs. */
  readonly at: number;
  readonly rows: number;
}

/** Is told of each run of the model: its rows, how long it took, and how long its requests had waited together (milliseconds). */
export interface RunObserver {
  readonly ran: (rows: number, ms: number, requests: number, waitedMs: number) => void;
}

/** A request that waits for its answer. */
export interface Job {
  readonly rows: number;
  /** Monotonic milliseconds at which its values were accepted. */
  readonly queuedAt: number;
  /** Outputs to compute. */
  readonly wanted: readonly string[];
  /** Of the run that it begins: requests of other arms that share it are counted there. */
  readonly observer: RunObserver;
  /** Answers the request. */
  readonly done: (pieces: readonly Piece[]) => void;
  /** Called once all requests of the run are answered, for what nobody waits for. */
  readonly after: (pieces: readonly Piece[]) => void;
  readonly failed: (error: unknown) => void;
}

export interface Placed {
  readonly job: Job;
  readonly at: number;
}

/** Rows of one or several requests, one array per input, as the model reads them. */
export class Batch {
  readonly capacity: number;
  readonly data: readonly TensorData[];
  readonly #inputs: readonly InputTensor[];
  placed: Placed[] = [];
  rows = 0;
  /** Rows that were run already. */
  started = 0;
  pieces: Piece[] = [];

  constructor(inputs: readonly InputTensor[], capacity: number) {
    this.capacity = capacity;
    this.#inputs = inputs;
    this.data = inputs.map(({ signature, width }) => allocate(signature.datatype, capacity * width));
  }

  add(job: Job): void {
    this.placed.push({ job, at: this.rows });
    this.rows += job.rows;
  }

  /** What the model is given for the rows from `from` up to `to`. */
  feeds(from: number, to: number): Feed[] {
    return this.#inputs.map(({ signature, width }, i) => ({
      name: signature.name,
      datatype: signature.datatype,
      dims: [to - from, ...signature.shape.slice(1)],
      data: slice(this.data[i] ?? [], from * width, to * width),
    }));
  }

  wanted(): readonly string[] {
    const first = this.placed[0]?.job.wanted ?? [];
    if (this.placed.every(({ job }) => job.wanted === first)) return first;
    return [...new Set(this.placed.flatMap(({ job }) => job.wanted))];
  }

  /** Empties the batch so that its memory serves again. */
  clear(): void {
    this.placed = [];
    this.pieces = [];
    this.rows = 0;
    this.started = 0;
  }
}
