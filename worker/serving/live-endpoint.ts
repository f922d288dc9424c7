import type { EndpointPlan, Target } from "#server/serving/contract.ts";
import type { ArmStats } from "./arm-stats.ts";
import type { FallbackAnswer } from "./fallback.ts";
import type { LiveArm } from "./live-arm.ts";
import { bucketsOf, isDealt, type Keys } from "./router.ts";
import { Refusal } from "./refusal.ts";
import type { Shadow } from "./shadow.ts";
import type { Surface } from "./surface.ts";

/** One endpoint as it answers now. It never changes: another takes its place in one step, so that no request sees half of a change. */
export class LiveEndpoint {
  readonly name: string;
  readonly plan: EndpointPlan;
  readonly target: Target;
  readonly champion: LiveArm | null;
  /** The canary or the A/B. */
  readonly split: LiveArm | null;
  readonly shadows: readonly Shadow[];
  /** How requests are read when no version answers: that of the champion, loaded or not. Null without one. */
  readonly surface: Surface | null;
  readonly fallback: FallbackAnswer | null;
  /** Counts requests that were refused before a version was chosen, as the champion's; null without one. */
  readonly refused: ArmStats | null;
  /** Counts what the fallback answered. */
  readonly fallbackStats: ArmStats | null;
  /** Why no version answers; null when one does. */
  readonly reason: string | null;
  readonly #upTo: number;

  constructor(
    name: string,
    plan: EndpointPlan,
    parts: Pick<
      LiveEndpoint,
      "champion" | "split" | "shadows" | "surface" | "fallback" | "refused" | "fallbackStats" | "reason"
    >,
  ) {
    this.name = name;
    this.plan = plan;
    this.target = { endpoint: name, endpointId: plan.endpointId, projectId: plan.projectId };
    this.champion = parts.champion;
    this.split = parts.split;
    this.shadows = parts.shadows;
    this.surface = parts.surface;
    this.fallback = parts.fallback;
    this.refused = parts.refused;
    this.fallbackStats = parts.fallbackStats;
    this.reason = parts.reason;
    const share = plan.arms.find((arm) => arm.kind === parts.split?.kind)?.share ?? 0;
    this.#upTo = parts.split ? bucketsOf(share) : 0;
  }

  /** Why it gives no predictions now, stopped or without a version; null when it does. */
  get silence(): string | null {
    return this.plan.stopped ?? (this.champion ? null : (this.reason ?? "no version answers"));
  }

  /** The arm that answers a request with these keys. Null when none answers. */
  deal(keys: Keys): LiveArm | null {
    if (this.split && this.champion && isDealt(this.plan.salt, keys, this.#upTo)) return this.split;
    return this.champion;
  }

  /** The arm that answers a certain version. Throws a Refusal (404) that names those that do. */
  armOf(version: string): LiveArm {
    const arms = this.answering();
    const found = arms.find((arm) => String(arm.model.entry.version) === version);
    if (found) return found;
    const live = arms.map((arm) => String(arm.model.entry.version));
    const those = live.length > 1 ? `versions ${live.join(" and ")} are` : `version ${live[0] ?? "?"} is`;
    const shadow = this.shadows.some(({ model }) => String(model.entry.version) === version);
    throw new Refusal(
      404,
      shadow
        ? `Version ${version} of '${this.name}' is a shadow, which answers nobody; ${those} live.`
        : `Version ${version} of '${this.name}' is not live; ${those}.`,
    );
  }

  /** The arms that answer, the champion first. */
  answering(): LiveArm[] {
    return [this.champion, this.split].filter((arm) => arm !== null);
  }

  /** The refusal for a request that nothing can answer. */
  refusal(): Refusal {
    if (this.plan.stopped !== null) return new Refusal(503, this.plan.stopped, { "retry-after": "60" });
    return new Refusal(503, `The endpoint '${this.name}' does not answer: ${this.silence ?? ""}`, {
      "retry-after": "5",
    });
  }
}
