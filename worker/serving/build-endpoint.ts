import { servingProblems } from "#server/registry/contract.ts";
import type { EndpointPlan, PlanArm, PlanEntry, ServedArm } from "#server/serving/contract.ts";
import { redactionOf, sampler } from "#server/serving/index.ts";
import type { ArmStats } from "./arm-stats.ts";
import type { EndpointStats } from "./endpoint-stats.ts";
import { compileFallback } from "./fallback.ts";
import { type LiveArm, roleOf } from "./live-arm.ts";
import { LiveEndpoint } from "./live-endpoint.ts";
import { isSameVersion, type LiveModel } from "./live-model.ts";
import type { LoadedVersions } from "./loaded-versions.ts";
import { compileRecords } from "./prediction-records.ts";
import { Shadow, type ShadowDeps } from "./shadow.ts";
import { compileSurface, type Surface } from "./surface.ts";

/**
 * Puts an endpoint together from what is planned and what is loaded. A champion that is not loaded leaves the one before it in place; a canary or A/B
 * that is not leaves its traffic to the champion. Null for an endpoint that has no version and no reason why not.
 */
export function buildEndpoint(
  name: string,
  plan: EndpointPlan,
  before: LiveEndpoint | null,
  versions: LoadedVersions,
  allStats: EndpointStats,
  shadowDeps: ShadowDeps,
): LiveEndpoint | null {
  const planned = plan.arms.find((arm) => arm.kind === "champion");
  if (!planned && plan.problem === null) return null;
  const champion = planned ? (versions.of(name, planned) ?? stillLoaded(name, before, versions)) : null;
  const statsOf = (entry: PlanEntry, arm: ServedArm, beside = ""): ArmStats => {
    const { endpointId, projectId, modelVersionId, version } = entry;
    return allStats.of({ endpoint: name, endpointId, projectId, modelVersionId, version, arm, beside });
  };
  const keeps = sampler(plan.log.share);
  const loaded = (kinds: readonly PlanArm["kind"][]) =>
    champion
      ? plan.arms.flatMap((arm) => {
          const model = kinds.includes(arm.kind) ? versions.of(name, arm) : undefined;
          return model && arm.armId !== null && model !== champion ? [{ arm, armId: arm.armId, model }] : [];
        })
      : [];
  const shadowsOf = (source: LiveModel) =>
    loaded(["shadow"]).map(
      ({ armId, model }) => new Shadow(armId, model, source, statsOf(model.entry, "shadow"), keeps, shadowDeps),
    );
  const [split] = loaded(["canary", "ab"]);
  const armOf = (kind: LiveArm["kind"], model: LiveModel): LiveArm => {
    const role = roleOf(kind, model.entry.version);
    const redaction = redactionOf(plan.endpointId, model.entry.signature, plan.log);
    return {
      ...role,
      model,
      stats: statsOf(model.entry, kind, split?.armId),
      record: compileRecords(model.entry, role.code, { keeps, redaction }),
      shadows: shadowsOf(model),
    };
  };
  const surface = champion ?? (planned ? surfaceOf(name, planned.entry, before) : null);
  const live = champion ? armOf("champion", champion) : null;
  return new LiveEndpoint(name, plan, {
    champion: live,
    split: split ? armOf(split.arm.kind === "ab" ? "ab" : "canary", split.model) : null,
    shadows: live?.shadows ?? [],
    surface,
    fallback: surface && plan.fallback ? compileFallback(plan.fallback, surface) : null,
    // Beside nothing: what never reached an arm says nothing of either side of a comparison.
    refused: planned ? statsOf(champion?.entry ?? planned.entry, "champion") : null,
    fallbackStats: planned ? statsOf(planned.entry, "fallback") : null,
    reason: champion ? null : reasonOf(name, plan, planned, versions),
  });
}

/** The champion before, unless it was lost meanwhile. */
function stillLoaded(name: string, before: LiveEndpoint | null, versions: LoadedVersions): LiveModel | null {
  const entry = before?.champion?.model.entry;
  return (entry && versions.get(name, entry)) ?? null;
}

/** How requests of a version that is not loaded are read, for its fallback. Prepared once. */
function surfaceOf(name: string, entry: PlanEntry, before: LiveEndpoint | null): Surface | null {
  if (before?.surface && isSameVersion(before.surface.entry, entry)) return before.surface;
  return servingProblems(entry.signature).length > 0 ? null : compileSurface(name, entry);
}

function reasonOf(name: string, plan: EndpointPlan, planned: PlanArm | undefined, versions: LoadedVersions): string {
  if (!planned) return plan.problem ?? "";
  const { entry } = planned;
  const failure = versions.whyNot(name, planned);
  return failure === null
    ? `version ${entry.version} is being loaded`
    : `version ${entry.version} cannot be served: ${failure}`;
}
