import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { armDtos } from "./arm-dto.ts";
import { type ArmDto, ChangeArmInput } from "./arms-contract.ts";
import { demandActive, demandNoRollout, lockArm } from "./find-arm.ts";
import { percent } from "./start-arm.ts";

/**
 * Changes which share of the requests a canary answers, within a second. A larger share keeps every key that the canary has, a smaller one gives back
 * those that came last. Errors: not_found; conflict for an A/B, whose split is fixed, for a shadow, and for an arm that has ended.
 */
export const changeArm = defineUseCase({
  name: "serving.change-arm",
  scope: "serving:write",
  effect: "write",
  unaudited: "The share that it has already is no change; another is an event.",
  input: ChangeArmInput,
  async run({ input, actor, project, db, audit, publish }): Promise<ArmDto> {
    const { endpoint, arm } = await lockArm(db, project.id, input);
    demandActive(arm);
    await demandNoRollout(db, arm);
    if (arm.kind !== "canary")
      throw new AppError(
        "conflict",
        arm.kind === "ab"
          ? "The split of an A/B is fixed while it runs: figures from before and after a change do not belong together."
          : "A shadow answers nobody, so it has no share.",
        {
          field: "share",
          value: input.share,
          remedy: arm.kind === "ab" ? "End it, and start one with the other share." : "Start it as a canary instead.",
        },
      );
    let changed = arm;
    if (arm.share !== input.share) {
      changed = await db.endpointArm.update({
        where: { id: arm.id },
        data: { share: input.share, shareSince: new Date() },
      });
      await audit({
        action: "endpoint.arm-changed",
        subject: { type: "endpoint", id: endpoint.id },
        summary: `${actor.name} changed the canary of version ${arm.version} of ${endpoint.name} from ${percent(arm.share)} to ${percent(input.share)}`,
        details: { arm: arm.id, version: arm.version, before: arm.share, after: input.share },
      });
      await publish("endpoints", endpoint.id);
    }
    const [dto] = await armDtos(db, [changed]);
    if (!dto) throw new Error("unreachable: an arm that was found has a description");
    return dto;
  },
});
