import { z } from "zod";
import { findApprovals } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { type ArmCandidate, ArmKind } from "./arms-contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { whyNotBeside } from "./fits-traffic.ts";
import { ARM_WORDS } from "./start-arm.ts";

/** So many of the newest versions are offered; an older one can still be started by its number. */
const MOST = 200;

/**
 * The versions of an endpoint's model, the newest first, with why each could not be started as shadow, A/B or canary now. The start itself judges again.
 * Errors: not_found.
 */
export const listArmCandidates = defineUseCase({
  name: "serving.list-arm-candidates",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<ArmCandidate[]> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const { modelId } = endpoint;
    const versions = await db.modelVersion.findMany({
      where: { projectId: project.id, modelId, deletedAt: null },
      include: { aliases: true },
      orderBy: { version: "desc" },
      take: MOST,
    });
    const champion = await db.modelVersion.findFirst({
      where: { projectId: project.id, modelId, deletedAt: null, aliases: { some: { modelId, alias: "champion" } } },
      select: { id: true, signature: true },
    });
    const taken = ModelSignature.safeParse(champion?.signature).data;
    const active = await db.endpointArm.findMany({ where: { endpointId: endpoint.id, endedAt: null } });
    const answering = active.find((arm) => arm.kind !== "shadow");
    const asked = versions.flatMap(({ id, version, sha256, runtime }) =>
      sha256 === null
        ? []
        : [{ projectId: project.id, modelId, versionId: id, version, sha256, runtime: runtime ?? "onnx" }],
    );
    const approvals = await findApprovals(db, asked, "champion");
    const rollingOut = await db.promotionRequest.findMany({
      where: { projectId: project.id, versionId: { in: versions.map(({ id }) => id) }, status: "rolling_out" },
      select: { number: true, versionId: true },
    });

    const why = (version: (typeof versions)[number], kind: ArmKind): string | null => {
      if (!taken) return "There is no champion whose traffic could be shared.";
      if (version.id === champion?.id) return "It is the champion, which answers already.";
      const same = active.find((arm) => arm.versionId === version.id);
      if (same) return `It takes part already, as ${wordOf(same.kind)}.`;
      const signature = ModelSignature.safeParse(version.signature).data;
      if (version.sha256 === null || !signature) return "It has no model file that can be served.";
      const unfit = whyNotBeside(taken, signature, kind);
      if (unfit !== null) return unfit;
      if (kind === "shadow") return null;
      const request = rollingOut.find(({ versionId }) => versionId === version.id);
      if (request) return `Request ${request.number} rolls it out by the steps that were approved.`;
      const approval = approvals.get(version.id);
      if (!approval?.proof) return `It may not answer: ${approval?.problem ?? "nothing proves its approval"}.`;
      return answering
        ? `Version ${answering.version} answers as ${wordOf(answering.kind)} already; one such runs at a time.`
        : null;
    };
    return versions.map((version) => ({
      version: version.version,
      versionId: version.id,
      aliases: version.aliases.map(({ alias }) => alias),
      createdAt: version.createdAt.toISOString(),
      why: { canary: why(version, "canary"), ab: why(version, "ab"), shadow: why(version, "shadow") },
    }));
  },
});

function wordOf(kind: string): string {
  const known = ArmKind.safeParse(kind);
  return known.success ? ARM_WORDS[known.data] : kind;
}
