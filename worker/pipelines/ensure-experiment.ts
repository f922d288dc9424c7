import { systemActor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { createExperiment, getExperiment } from "#server/tracking/index.ts";

const known = new Set<string>();

/**
 * Makes the experiment that a pipeline's steps log to by default. Left to the steps, the cells of a matrix would all find it missing and all but one fail
 * to create it.
 */
export async function ensureExperiment(projectId: string, name: string): Promise<void> {
  const key = `${projectId} ${name}`;
  if (known.has(key)) return;
  const actor = systemActor("worker");
  try {
    await getExperiment(actor, projectId, { name });
  } catch (error) {
    if (!isAppError(error, "not_found")) throw error;
    await createExperiment(actor, projectId, { name }).catch((refusal: unknown) => {
      // Another worker was faster.
      if (!isAppError(refusal, "conflict")) throw refusal;
    });
  }
  known.add(key);
}
