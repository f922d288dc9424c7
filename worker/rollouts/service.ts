import { watchRollouts } from "#server/serving/index.ts";
import type { Service } from "../services.ts";

/** How often what is rolling out is looked at: traffic returns to the champion within this time of a count that shows a breach. */
const LOOK_MS = 5_000;

/** Steps rollouts and reverts those whose guards do not hold. The rows hold the truth, so a restart or a second worker changes nothing. */
export const rollouts: Service = {
  name: "rollouts",
  roles: ["monitoring"],
  start: ({ log }) => {
    let looking: Promise<void> | undefined;
    const look = () => {
      looking ??= watchRollouts(log)
        .catch((error: unknown) => log.error({ err: error }, "rollouts could not be looked at"))
        .finally(() => (looking = undefined));
    };
    const timer = setInterval(look, LOOK_MS);
    look();
    return Promise.resolve(async () => {
      clearInterval(timer);
      await looking;
    });
  },
};
