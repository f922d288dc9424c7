import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { answeringAlert, findAlert } from "./find-alert.ts";
import { prepareRetraining } from "./jobs.ts";

/**
 * Retrains for an alert: captured traffic with outcomes becomes the dataset's next version, the monitor's pipeline runs on it, and what it registers is
 * proposed as champion. Returns at once; the rest happens in the background and is written down on the alert.
 * Errors: conflict while a retraining of the same monitor is under way, or when the alert is resolved or has led to a request already.
 */
export const startRetraining = defineUseCase({
  name: "monitoring.start-retraining",
  scope: "monitoring:write",
  effect: "write",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const found = await findAlert(db, project.id, input.number);
    // Two people who press the button at once start one retraining.
    await db.$queryRaw`select id from monitors where id = ${found.monitorId}::uuid for update`;
    const alert = await findAlert(db, project.id, input.number);
    const refuse = (message: string, remedy: string) =>
      new AppError("conflict", message, { field: "number", value: input.number, remedy });
    if (alert.status === "resolved")
      throw refuse(`Alert ${alert.number} is resolved.`, "Start the pipeline from its own page instead.");
    if (alert.retraining !== null && alert.retraining !== "failed")
      throw refuse(
        `Retraining for alert ${alert.number} ${alert.retraining === "requested" ? "has led to a promotion request already" : "is under way"}.`,
        "Follow it on the alert's page.",
      );
    const other = await answeringAlert(db, alert);
    if (other)
      throw refuse(
        `The retraining for alert ${other.number} ${other.retraining === "requested" ? "waits for a decision" : "is under way"}; it answers this alert too.`,
        `Open alert ${other.number}.`,
      );
    await db.alert.update({
      where: { id: alert.id },
      data: {
        retraining: "preparing",
        retrainingBy: actor.name,
        retrainingAt: new Date(),
        retrainingError: null,
        datasetVersionId: null,
        pipelineRunId: null,
        modelVersionId: null,
        promotionRequestId: null,
      },
    });
    await audit({
      action: "alert.retraining_started",
      subject: { type: "alert", id: alert.id },
      summary: `${actor.name} started retraining for alert ${alert.number}: ${alert.title}`,
      details: { number: alert.number, monitor: alert.monitor.name },
    });
    await enqueue(prepareRetraining, { projectId: project.id, alertId: alert.id });
    await publish("monitors", alert.id);
    return { number: alert.number, retraining: "preparing" };
  },
});
