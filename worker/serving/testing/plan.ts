import type { EndpointPlan, PlanArm, PlanEntry, ServingPlan } from "#server/serving/contract.ts";

/** A version beside the champion. */
export function besideChampion(kind: "canary" | "ab" | "shadow", share: number, entry: PlanEntry): PlanArm {
  return { armId: `arm-${entry.modelVersionId}`, kind, share, entry };
}

/** The plan of an endpoint whose champion is `entry`. */
export function endpointPlan(
  entry: PlanEntry,
  change: Partial<Omit<EndpointPlan, "arms">> & { readonly beside?: readonly PlanArm[] } = {},
): EndpointPlan {
  const { beside = [], ...rest } = change;
  return {
    endpointId: entry.endpointId,
    projectId: entry.projectId,
    salt: "f0e1d2c3-b4a5-4687-9796-a5b4c3d2e1f0",
    stopped: null,
    problem: null,
    fallback: null,
    log: { share: 1, redaction: {} },
    ...rest,
    arms: [{ armId: null, kind: "champion", share: 1, entry }, ...beside],
  };
}

/** A plan of endpoints that are given as a whole, or by their champion alone. */
export function servingPlan(endpoints: Readonly<Record<string, PlanEntry | EndpointPlan>>): ServingPlan {
  return new Map(
    Object.entries(endpoints).map(([name, given]) => [name, "arms" in given ? given : endpointPlan(given)] as const),
  );
}
