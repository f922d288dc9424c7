import { uuidv7 } from "#server/kernel/ids.ts";
import type { PredictionRecord } from "../contract.ts";

/** A logged prediction of the fixture model `columns` (features size, count, flag, city; classes no, yes). */
export function recordOf(
  ids: { endpointId: string; projectId: string; modelVersionId: string },
  change: Partial<PredictionRecord> = {},
): PredictionRecord {
  return {
    ...ids,
    arm: 0,
    routed: true,
    entityKey: null,
    caller: null,
    hidden: null,
    predictionId: uuidv7(),
    requestId: "request-1",
    receivedAt: Date.now(),
    eventTime: null,
    latencyUs: 850.4,
    numbers: new Float64Array([0.5, 3, 1]),
    categories: ["Oslo"],
    label: "yes",
    probabilities: new Float64Array([0.25, 0.75]),
    value: null,
    ...change,
  };
}

export const ids = () => ({ endpointId: uuidv7(), projectId: uuidv7(), modelVersionId: uuidv7() });
