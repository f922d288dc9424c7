import type { Feed, Outputs } from "./tensors.ts";

/** A loaded model, in this thread or in one of its own. */
export interface ModelSession {
  /** `inline`: a run happens in this thread, so its time is time in which nothing else happens. */
  readonly place: "inline" | "thread";
  /** Runs the model and gives the wanted outputs only. Throws what the runtime says of feeds that do not fit. */
  readonly run: (feeds: readonly Feed[], wanted: readonly string[]) => Outputs | Promise<Outputs>;
  /** Runs the rows one by one and gives the microseconds of each. */
  readonly time: (feeds: readonly Feed[], wanted: readonly string[], rows: number) => Promise<Float64Array>;
  /** Frees the model. Runs that are under way fail. */
  readonly release: () => Promise<void>;
  /** Settles with the reason when the model is lost without having been released (its thread died). */
  readonly lost: Promise<Error>;
}
