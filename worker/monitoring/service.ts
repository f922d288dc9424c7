import { watchMonitors } from "#server/monitoring/index.ts";
import type { Service } from "../services.ts";
import { Prober } from "./prober.ts";

/** How often monitors are asked whether traffic arrived; it costs one small query per monitor. */
const LOOK_MS = 20_000;

/**
 * Queues the computation of windows whenever traffic arrived, and probes endpoints. Several workers may look; a monitor waits in the queue once, and one
 * process probes at a time.
 */
export const monitoring: Service = {
  name: "monitoring",
  roles: ["monitoring"],
  start: ({ log }) => {
    let looking: Promise<void> | undefined;
    const look = () => {
      looking ??= watchMonitors()
        .then((due) => {
          if (due > 0) log.debug({ due }, "monitors have new traffic");
        })
        .catch((error: unknown) => log.error({ err: error }, "monitors could not be looked at"))
        .finally(() => (looking = undefined));
    };
    const timer = setInterval(look, LOOK_MS);
    look();
    const prober = new Prober(log);
    prober.start();
    return Promise.resolve(async () => {
      clearInterval(timer);
      await looking;
      await prober.stop();
    });
  },
};
