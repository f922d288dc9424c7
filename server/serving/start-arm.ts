import type { z } from "zod";
import { findApprovals } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { armDtos } from "./arm-dto.ts";
import { type ArmDto, type ArmKind, StartArmInput } from "./arms-contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { whyNotBeside } from "./fits-traffic.ts";

/** What there is to say about each kind, as in "the canary of version 4". */
export const ARM_WORDS: Readonly<Record<ArmKind, string>> = { canary: "canary", ab: "A/B", shadow: "shadow" };

/**
 * Lets a version of the endpoint's model take part in its traffic, within a second: as canary or A/B with a share of the requests, or as a shadow that
 * scores what the champion answers. One canary or A/B at a time, any number of shadows.
 *
 * Errors: not_found for an endpoint or a version of another project; conflict without a champion, for a second canary or A/B, for a version that takes
 * part already, and for an arm that answers without an approved promotion request; invalid_input for a version that does not fit the champion's traffic.
 */
export const startArm = defineUseCase({
  name: "serving.start-arm",
  scope: "serving:write",
  effect: "write",
  input: StartArmInput,
  async run({ input, actor, project, db, audit, publish }): Promise<ArmDto> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    // Two starts at once: the second waits here and sees the first.
    await db.$queryRaw`select id from endpoints where id = ${endpoint.id}::uuid for update`;
    const { version, requestId } = await admit(db, { ...endpoint, projectId: project.id }, input);
    const share = input.share ?? 0;
    const { id: versionId } = version;
    const created = await db.endpointArm.create({
      data: {
        endpointId: endpoint.id,
        versionId,
        version: input.version,
        kind: input.kind,
        share,
        requestId,
        startedBy: actor.name,
      },
    });
    const part = input.kind === "shadow" ? "" : ` with ${percent(share)} of the requests`;
    await audit({
      action: "endpoint.arm-started",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} started version ${input.version} as ${ARM_WORDS[input.kind]} of ${endpoint.name}${part}`,
      details: { arm: created.id, kind: input.kind, version: input.version, versionId, share, requestId },
    });
    await publish("endpoints", endpoint.id);
    const [dto] = await armDtos(db, [created]);
    if (!dto) throw new Error("unreachable: an arm that was made has a description");
    return dto;
  },
});

interface Place {
  readonly id: string;
  readonly name: string;
  readonly modelId: string;
  readonly projectId: string;
}

/** The version and the request that lets it answer; throws when it may not take part. */
async function admit(db: Db, endpoint: Place, input: z.infer<typeof StartArmInput>) {
  const { projectId, modelId } = endpoint;
  const place = { field: "version", value: input.version };
  const version = await db.modelVersion.findFirst({
    where: { projectId, modelId, version: input.version, deletedAt: null },
    include: { aliases: true },
  });
  if (!version)
    throw new AppError("not_found", `The model of '${endpoint.name}' has no version ${input.version}.`, {
      ...place,
      remedy: "Choose one from the model's page.",
    });
  const champion = await db.modelVersion.findFirst({
    where: { projectId, modelId, deletedAt: null, aliases: { some: { modelId, alias: "champion" } } },
  });
  if (!champion?.signature)
    throw new AppError("conflict", `'${endpoint.name}' has no champion whose traffic could be shared.`, {
      field: "name",
      value: endpoint.name,
      remedy: "Request the promotion of a version first.",
    });
  if (champion.id === version.id)
    throw new AppError("conflict", `Version ${input.version} is the champion, which answers already.`, place);
  await demandRoom(db, endpoint, input);
  const signature = ModelSignature.safeParse(version.signature);
  if (version.sha256 === null || !signature.success)
    throw new AppError("invalid_input", `Version ${input.version} has no model file that can be served.`, {
      ...place,
      remedy: "Register a version that has one.",
    });
  const why = whyNotBeside(ModelSignature.parse(champion.signature), signature.data, input.kind);
  if (why)
    throw new AppError("invalid_input", `Version ${input.version} does not fit the traffic of the champion: ${why}`, {
      ...place,
      remedy: `Start a version that takes what callers of version ${champion.version} send.`,
    });
  if (input.kind === "shadow") return { version, requestId: null };
  const rollingOut = await db.promotionRequest.findFirst({
    where: { projectId, versionId: version.id, status: "rolling_out" },
    select: { number: true },
  });
  if (rollingOut)
    throw new AppError(
      "conflict",
      `Request ${rollingOut.number} rolls version ${input.version} out by the steps that were approved.`,
      {
        ...place,
        remedy: `See the page of request ${rollingOut.number}, or start it as a shadow on another endpoint.`,
      },
    );
  const { sha256, runtime } = version;
  const asked = {
    projectId,
    modelId,
    versionId: version.id,
    version: input.version,
    sha256,
    runtime: runtime ?? "onnx",
  };
  const approval = (await findApprovals(db, [asked], "champion")).get(version.id);
  if (!approval?.proof)
    throw new AppError(
      "conflict",
      `Version ${input.version} may not answer: ${approval?.problem ?? "nothing proves that it was approved"}.`,
      { ...place, remedy: "Request its promotion, or start it as a shadow, which answers nobody." },
    );
  return { version, requestId: approval.proof.requestId };
}

async function demandRoom(db: Db, endpoint: Place, input: z.infer<typeof StartArmInput>): Promise<void> {
  const active = await db.endpointArm.findMany({ where: { endpointId: endpoint.id, endedAt: null } });
  const same = active.find((arm) => arm.version === input.version);
  if (same)
    throw new AppError(
      "conflict",
      `Version ${input.version} takes part in '${endpoint.name}' already, as ${wordOf(same.kind)}.`,
      {
        field: "version",
        value: input.version,
        remedy: "End that first.",
      },
    );
  const other = input.kind === "shadow" ? undefined : active.find((arm) => arm.kind !== "shadow");
  if (other)
    throw new AppError(
      "conflict",
      `'${endpoint.name}' has ${article(other.kind)} of version ${other.version} already.`,
      {
        field: "kind",
        value: input.kind,
        remedy: "One canary or A/B runs at a time: end it, or start this version as a shadow.",
      },
    );
}

function wordOf(kind: string): string {
  return kind in ARM_WORDS ? ARM_WORDS[kind as ArmKind] : kind;
}

function article(kind: string): string {
  return `${kind === "ab" ? "an" : "a"} ${wordOf(kind)}`;
}

/** 0.0525 as "5.25 %". */
export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
