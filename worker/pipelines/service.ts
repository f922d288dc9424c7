import { env } from "#server/platform/env.ts";
import type { Service } from "../services.ts";
import { Executor } from "./executor.ts";
import { bestIsolation } from "../isolation/isolation.ts";

/** Runs pipeline steps for as long as the worker lives. */
export const pipelines: Service = {
  name: "pipelines",
  roles: ["pipelines"],
  async start({ id, log }) {
    const isolation = bestIsolation();
    const executor = new Executor({ workerId: id, slots: env().WORKER_SLOTS, log });
    await executor.start();
    log.info({ isolation, slots: env().WORKER_SLOTS }, "running pipeline steps");
    return () => executor.stop();
  },
};
