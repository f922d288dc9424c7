import { sweepBulkWork } from "#server/serving/index.ts";
import type { Service } from "../services.ts";

/** How soon a dead worker's batch scoring is noticed, beyond its lease. */
const LOOK_MS = 5_000;

/** Queues bulk work that nobody has. Several workers may look; work waits in the queue once. */
export const bulk: Service = {
  name: "bulk",
  roles: ["pipelines"],
  start: ({ log }) => {
    let looking: Promise<void> | undefined;
    const look = () => {
      looking ??= sweepBulkWork()
        .then((queued) => {
          if (queued > 0) log.debug({ queued }, "bulk work waits for a worker");
        })
        .catch((error: unknown) => log.error({ err: error }, "bulk work could not be looked at"))
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
