import { createHash } from "node:crypto";
import { isAncestor, isOnBranch, readFileAt, resolveRef } from "#server/code/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { PublishServiceInput } from "../contract.ts";
import { demandOtherAuthor } from "./demand-other-author.ts";
import { serviceNameOf } from "./find-service.ts";

const BRANCH = "main";

/**
 * Publishes a file of the repository as a service, or its newer commit in place of the one that answers: the commit is pinned, so what is pushed later
 * changes nothing. Only code of the default branch, and by four eyes (demandOtherAuthor). It answers once the serving process has loaded it; until then, and
 * if it cannot be loaded, the commit before goes on answering.
 * Errors: not_found for a file that is not there, invalid_input for a commit of another branch, forbidden for one's own code, conflict for a taken name and
 * for what is published already.
 */
export const publishService = defineUseCase({
  name: "serving.publish-service",
  scope: "serving:write",
  effect: "write",
  // Git is asked four times within; a busy machine takes its time for each.
  timeoutMs: 60_000,
  input: PublishServiceInput,
  async run({ input, actor, project, db, audit, publish }) {
    const { path, note, redaction, ...facts } = input;
    const name = serviceNameOf(path);
    const commit = await commitOf(project.id, input.commit);
    const content = await readFileAt(project.id, commit, path);
    if (content === null)
      throw new AppError("not_found", `There is no file '${path}' at commit ${commit.slice(0, 10)}.`, {
        field: "path",
        value: path,
        remedy: `Commit it to ${BRANCH} first.`,
      });
    const service = await serviceOf(db, { projectId: project.id, name, path, createdBy: actor.userId });
    const newest = await db.servicePublication.findFirst({
      where: { serviceId: service.id },
      orderBy: { number: "desc" },
    });
    if (newest?.commit === commit && service.state !== "unpublished")
      throw new AppError("conflict", `${path} is published at this commit already.`, {
        field: "commit",
        value: commit,
        remedy: "Commit a change first, or change the service's limits on its page.",
      });
    const after = await publishedBefore(db, project.id, service.id, commit);
    await demandOtherAuthor(db, actor, project.id, { after, upTo: commit });
    const number = (newest?.number ?? 0) + 1;
    await db.servicePublication.create({
      data: {
        serviceId: service.id,
        number,
        commit,
        sha256: createHash("sha256").update(content).digest("hex"),
        note,
        publishedBy: actor.userId,
        publishedByName: actor.name,
      },
    });
    const { description, memoryMb, cpu, timeoutMs } = facts;
    await db.customService.update({
      where: { id: service.id },
      data: {
        path,
        problem: null,
        ...(service.state === "unpublished" ? { state: "live", stateReason: "", stateBy: null, stateAt: null } : {}),
        ...(description === undefined ? {} : { description }),
        ...(memoryMb === undefined ? {} : { memoryMb }),
        ...(cpu === undefined ? {} : { cpu }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(redaction === undefined ? {} : { redaction }),
      },
    });
    await audit({
      action: "service.published",
      subject: { type: "service", id: service.id },
      summary: `${actor.name} published ${path} at commit ${commit.slice(0, 10)} as the service ${name} (${number})`,
      details: { commit, number, path, before: newest?.commit ?? null },
    });
    await publish("services", service.id);
    return { name, number, commit };
  },
});

/**
 * The newest commit that was published already and lies at or before this one; null for none. Not simply the last published: what lies before that one need
 * not have been published, when it was taken back on the way.
 */
async function publishedBefore(db: Db, projectId: string, serviceId: string, commit: string): Promise<string | null> {
  const published = await db.servicePublication.findMany({
    where: { serviceId },
    orderBy: { number: "desc" },
    select: { commit: true },
  });
  for (const one of new Set(published.map((publication) => publication.commit)))
    if (await isAncestor(projectId, one, commit)) return one;
  return null;
}

/** The commit to publish: the newest of the default branch, or a named one that is on it. */
async function commitOf(projectId: string, given: string | undefined): Promise<string> {
  const commit = await resolveRef(projectId, given ?? BRANCH);
  if (given === undefined || (await isOnBranch(projectId, commit, BRANCH))) return commit;
  throw new AppError("invalid_input", `The commit ${commit.slice(0, 10)} is not on ${BRANCH}.`, {
    field: "commit",
    value: given,
    remedy: `Merge it into ${BRANCH} first: only the default branch is published.`,
  });
}

/** The service of that name, made when there is none. Two that publish it at once come one after the other. */
async function serviceOf(
  db: Db,
  wanted: { projectId: string; name: string; path: string; createdBy: string | null },
): Promise<{ id: string; state: string }> {
  const { projectId, name, path } = wanted;
  await db.$executeRaw`insert into custom_services (id, project_id, name, path, created_by)
    values (gen_random_uuid(), ${projectId}::uuid, ${name}, ${path}, ${wanted.createdBy}::uuid) on conflict (name) do nothing`;
  await db.$queryRaw`select id::text from custom_services where name = ${name} for update`;
  const found = await db.customService.findUnique({ where: { name } });
  if (!found) throw new Error("unreachable: it was just made");
  if (found.projectId !== projectId)
    throw new AppError("conflict", `The name '${name}' is taken: it is part of a URL of the whole platform.`, {
      field: "path",
      value: path,
      remedy: "Give the file another name.",
    });
  if (found.path !== path && found.state !== "unpublished")
    throw new AppError("conflict", `The name '${name}' is that of ${found.path}, which is published.`, {
      field: "path",
      value: path,
      remedy: `Unpublish ${found.path} first, or give this file another name.`,
    });
  return found;
}
