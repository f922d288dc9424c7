import { defineUseCase } from "#server/identity/index.ts";
import { armDtos } from "./arm-dto.ts";
import { type ArmDto, ArmKind, EndArmInput } from "./arms-contract.ts";
import { demandActive, demandNoRollout, lockArm } from "./find-arm.ts";
import { ARM_WORDS } from "./start-arm.ts";

/** Takes a version out of an endpoint's traffic, within a second: the champion answers what it answered. Errors: not_found; conflict when it has ended. */
export const endArm = defineUseCase({
  name: "serving.end-arm",
  scope: "serving:write",
  effect: "write",
  input: EndArmInput,
  async run({ input, actor, project, db, audit, publish }): Promise<ArmDto> {
    const { endpoint, arm } = await lockArm(db, project.id, input);
    demandActive(arm);
    await demandNoRollout(db, arm);
    const ended = await db.endpointArm.update({
      where: { id: arm.id },
      data: { endedAt: new Date(), endReason: input.reason, problem: null },
    });
    await audit({
      action: "endpoint.arm-ended",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} ended the ${ARM_WORDS[ArmKind.parse(arm.kind)]} of version ${arm.version} of ${endpoint.name}${input.reason ? `: ${input.reason}` : ""}`,
      details: { arm: arm.id, version: arm.version, share: arm.share, reason: input.reason },
    });
    await publish("endpoints", endpoint.id);
    const [dto] = await armDtos(db, [ended]);
    if (!dto) throw new Error("unreachable: an arm that was found has a description");
    return dto;
  },
});
