import type { Log } from "#server/platform/log.ts";
import type { EnvironmentProvider } from "../runtimes/pyfunc/environments.ts";
import { ensurePlanned } from "./ensure.ts";
import { planDescribed } from "./plan.ts";

/** Environments for models, in the same folder and by the same rules as those of pipelines: equal requirements are built once. */
export function environmentsForModels(workerId: string, log: Log): EnvironmentProvider {
  return async ({ name, requirements, python }) => {
    const plan = await planDescribed({
      requirements,
      requirementsPath: "requirements.txt",
      python,
      asker: name,
      place: "the Python that the model is logged with",
    });
    return await ensurePlanned(plan, { workerId, log, onLine: (line) => log.info({ model: name }, line) });
  };
}
