import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { newCommits, noteOrigins, refTargets } from "./commit-origins.ts";
import { codePushed } from "./events.ts";
import { inRepository } from "./git.ts";
import { listCommits } from "./history.ts";

/** Lets a caller fetch: answers the project's id. */
export const authoriseFetch = defineUseCase({
  name: "code.authorise-fetch",
  scope: "code:read",
  effect: "read",
  input: z.object({}),
  run: ({ project }) => Promise.resolve({ projectId: project.id }),
});

/** Lets a caller ask what may be pushed to: answers the project's id. */
export const authorisePush = defineUseCase({
  name: "code.authorise-push",
  scope: "code:write",
  effect: "read",
  input: z.object({}),
  run: ({ project }) => Promise.resolve({ projectId: project.id }),
});

/**
 * Lets a caller push, and notes that they do: should the platform end before `noteCommits`, nobody would know whom the commits are from, but who may have
 * brought them. Answers the project's id, the push, and where branches and all refs are now, so that `noteCommits` and `recordPush` can tell what is new.
 */
export const beginPush = defineUseCase({
  name: "code.begin-push",
  scope: "code:write",
  effect: "write",
  unaudited: "recordPush audits what the push moved",
  input: z.object({}),
  async run({ actor, project, db }) {
    const push = uuidv7();
    await db.openPush.create({ data: { id: push, projectId: project.id, userId: actor.userId } });
    const [heads, refs] = [await branchHeads(project.id), await refTargets(project.id)];
    return { projectId: project.id, push, branches: Object.fromEntries(heads), refs };
  },
});

/**
 * Notes that the pusher brought the commits that no ref had before. By itself and before all else that a push leads to: whom a commit is from would never
 * be noted later.
 */
export const noteCommits = defineUseCase({
  name: "code.note-commits",
  scope: "code:write",
  effect: "write",
  unaudited: "recordPush audits the push",
  timeoutMs: 60_000,
  input: z.object({ push: z.uuid(), before: z.array(z.string()) }),
  async run({ input, actor, project, db }) {
    await noteOrigins(db, actor, project.id, await newCommits(project.id, await refTargets(project.id), input.before));
    await db.openPush.deleteMany({ where: { id: input.push, projectId: project.id } });
  },
});

/** Records what a push moved: one audit event, one change and one domain event per branch. */
export const recordPush = defineUseCase({
  name: "code.record-push",
  scope: "code:write",
  effect: "write",
  unaudited: "a push that moved no branch changed nothing; every moved branch is recorded below",
  input: z.object({ before: z.record(z.string(), z.string()) }),
  async run({ input, actor, project, audit, publish, emit }) {
    const moved = [...(await branchHeads(project.id))].filter(([branch, commit]) => input.before[branch] !== commit);
    for (const [branch, commit] of moved) {
      const was = input.before[branch];
      const [newest] = await listCommits(project.id, commit, { limit: 1, skip: 0 });
      const count = Number(
        (await inRepository(project.id, ["rev-list", "--count", was ? `${was}..${commit}` : commit])).stdout.toString(),
      );
      await audit({
        action: "code.pushed",
        subject: { type: "commit", id: commit },
        summary: `${actor.name} pushed ${count} ${count === 1 ? "commit" : "commits"} to ${branch}: ${newest?.subject ?? ""}`,
        details: { branch, before: was ?? null, after: commit },
      });
      await emit(codePushed, { projectId: project.id, branch, commit });
      await publish("code", commit);
    }
    return { moved: moved.map(([branch]) => branch) };
  },
});

async function branchHeads(projectId: string): Promise<Map<string, string>> {
  const out = (
    await inRepository(projectId, ["for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads"])
  ).stdout.toString();
  return new Map(
    out
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}
