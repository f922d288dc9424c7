import type { MinuteStats, ServedArm } from "#server/serving/contract.ts";
import type { ArmMeter } from "./arm-meter.ts";
import { ArmStats, type Counted } from "./arm-stats.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import type { Pending, ServingMetrics } from "./metrics.ts";
import { Totals } from "./totals.ts";

/** The counts of every version in every role. They outlive the versions: what these counted last is taken later. */
export class EndpointStats {
  readonly #meterOf: ServingMetrics["meterOf"];
  readonly #stats = new Map<string, ArmStats>();
  /** What is not told apart by the arm beside it. */
  readonly #since = new Map<string, { readonly meter: ArmMeter; readonly totals: Totals }>();

  constructor(meterOf: ServingMetrics["meterOf"]) {
    this.#meterOf = meterOf;
  }

  /** The counts of one version in one role beside one other: the same object whenever it is asked for. */
  of(counted: Counted): ArmStats {
    const { endpointId, modelVersionId, arm, beside } = counted;
    const role = `${endpointId} ${modelVersionId} ${arm}`;
    const key = `${role} ${beside}`;
    let stats = this.#stats.get(key);
    if (!stats) this.#stats.set(key, (stats = new ArmStats(counted, this.#sinceOf(role, counted))));
    return stats;
  }

  #sinceOf(role: string, { endpoint, version, arm }: Counted) {
    let since = this.#since.get(role);
    if (!since) this.#since.set(role, (since = { meter: this.#meterOf(endpoint, version, arm), totals: new Totals() }));
    return since;
  }

  /** What was counted since the last call. */
  take(): MinuteStats[] {
    return [...this.#stats.values()].map((stats) => stats.take()).filter((counts) => counts !== null);
  }

  /** Rows that wait, by arm of the endpoints that are live. */
  pending(live: Iterable<LiveEndpoint>): Pending[] {
    return [...live].flatMap((endpoint) => {
      const arms = [
        ...endpoint.answering().map((arm): [ServedArm, typeof arm.model] => [arm.kind, arm.model]),
        ...endpoint.shadows.map((shadow): [ServedArm, typeof shadow.model] => ["shadow", shadow.model]),
      ];
      return arms.map(([arm, { entry, batcher }]) => ({
        of: { endpoint: endpoint.name, version: String(entry.version), arm },
        rows: batcher.waiting,
      }));
    });
  }
}
