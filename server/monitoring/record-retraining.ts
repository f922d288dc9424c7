import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { notify, peopleWithRole } from "#server/inbox/index.ts";
import { RetrainingState } from "./contract.ts";

/** Writes down how far a retraining has come, in the platform's own name. A failure and a new challenger go to people's inboxes. */
export const recordRetraining = defineUseCase({
  name: "monitoring.record-retraining",
  scope: "monitoring:write",
  effect: "write",
  unaudited: "a step that was recorded before changes nothing; each real step is an event",
  input: z.object({
    alertId: z.uuid(),
    state: RetrainingState,
    /** What happened, as a sentence. */
    summary: z.string(),
    error: z.string().optional(),
    datasetVersionId: z.uuid().optional(),
    pipelineRunId: z.uuid().optional(),
    modelVersionId: z.uuid().optional(),
    promotionRequestId: z.uuid().optional(),
    /** Page of the app where the next step is. */
    href: z.string().optional(),
  }),
  async run({ input, project, db, audit, publish }) {
    const { alertId, state, summary, error, href, ...given } = input;
    const links: Partial<Record<keyof typeof given, string>> = Object.fromEntries(
      Object.entries(given).filter(([, id]) => id !== undefined),
    );
    await db.$queryRaw`select id from alerts where id = ${alertId}::uuid for update`;
    const alert = await db.alert.findFirst({
      where: { id: alertId, projectId: project.id },
      include: { monitor: true },
    });
    // A retraining that ended is not set back by an event that comes late or twice.
    if (!alert || alert.retraining === null || ["requested", "failed"].includes(alert.retraining))
      return { recorded: false };
    const isKnown = Object.entries(links).every(([key, value]) => alert[key as keyof typeof alert] === value);
    if (alert.retraining === state && isKnown) return { recorded: false };
    await db.alert.update({
      where: { id: alertId },
      data: { retraining: state, retrainingError: error ?? null, ...links },
    });
    await audit({
      action: state === "failed" ? "alert.retraining_failed" : "alert.retraining_advanced",
      subject: { type: "alert", id: alertId },
      summary: `Alert ${alert.number}: ${summary}`,
      details: { state, ...links },
    });
    if (state === "requested" || state === "failed") {
      const people = await peopleWithRole(db, project.id, ["scientist", "maintainer"]);
      await notify(db, {
        projectId: project.id,
        userIds: people.map((person) => person.id),
        kind: state === "failed" ? "alert" : "challenger",
        title: state === "failed" ? `Retraining for alert ${alert.number} failed` : summary,
        body: state === "failed" ? (error ?? "") : `It was trained because of alert ${alert.number}: ${alert.title}`,
        href: href ?? `/p/${project.slug}/monitoring/alerts/${alert.number}`,
        dedupKey: `retraining:${alertId}`,
      });
    }
    await publish("monitors", alertId);
    return { recorded: true };
  },
});
