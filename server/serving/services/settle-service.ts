import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";

const Schema = z.record(z.string(), z.json());

/**
 * Writes down what a serving process found: which publication answers, with the schemas that its code states, and why the newest does not. Several processes
 * say the same; only the first of them changes something.
 */
export const settleService = defineUseCase({
  name: "serving.settle-service",
  scope: "serving:write",
  effect: "write",
  unaudited: "A repetition of what is known leaves no event; a publication that begins to answer, or cannot, does.",
  input: z.object({
    serviceId: z.uuid(),
    live: z.object({ publicationId: z.uuid(), input: Schema, output: Schema }).nullable(),
    problem: z.string().nullable(),
  }),
  async run({ input, project, db, audit, publish }) {
    const { serviceId, live, problem } = input;
    await db.$queryRaw`select id::text from custom_services where id = ${serviceId}::uuid for update`;
    const service = await db.customService.findFirst({
      where: { id: serviceId, projectId: project.id },
      include: { publications: { where: { liveAt: { not: null }, endedAt: null } } },
    });
    if (!service) return { changed: false };
    const subject = { type: "service", id: serviceId };
    const isNew = live !== null && !service.publications.some((known) => known.id === live.publicationId);
    if (!isNew && service.problem === problem) return { changed: false };
    if (service.problem !== problem) {
      await db.customService.update({ where: { id: serviceId }, data: { problem } });
      if (problem) await audit({ action: "service.failed", subject, summary: `${service.name}: ${problem}` });
    }
    if (isNew) {
      const now = new Date();
      await db.servicePublication.updateMany({
        where: { serviceId, endedAt: null, liveAt: { not: null }, id: { not: live.publicationId } },
        data: { endedAt: now },
      });
      const publication = await db.servicePublication.update({
        where: { id: live.publicationId, serviceId },
        data: { liveAt: now, endedAt: null, input: live.input, output: live.output },
      });
      await audit({
        action: "service.deployed",
        subject,
        summary: `${service.name} answers with publication ${publication.number}, commit ${publication.commit.slice(0, 10)}`,
        details: { number: publication.number, commit: publication.commit },
      });
    }
    await publish("services", serviceId);
    return { changed: true };
  },
});
