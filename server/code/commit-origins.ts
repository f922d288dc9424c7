import type { Actor } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { inRepository } from "./git.ts";

/** How a person may have brought a commit: it is recorded, or nobody is, and a push of theirs was cut off before it could be. */
export type Brought = "pushed" | "perhaps";

/** Notes who brought commits into the repository. One that is there already keeps whom it has. */
export async function noteOrigins(db: Db, actor: Actor, projectId: string, commits: readonly string[]): Promise<void> {
  await db.$executeRaw`
    insert into commit_origins (project_id, commit, user_id)
    select ${projectId}::uuid, brought.commit, ${actor.userId}::uuid from unnest(${[...commits]}::text[]) as brought(commit)
    on conflict do nothing`;
}

/** What all refs name, tags and others among them: a commit that any of them has is there. */
export async function refTargets(projectId: string): Promise<string[]> {
  const { stdout } = await inRepository(projectId, ["for-each-ref", "--format=%(objectname)"]);
  return stdout.toString().split("\n").filter(Boolean);
}

/** The commits that `heads` have and that none of the `before` had. */
export async function newCommits(
  projectId: string,
  heads: readonly string[],
  before: readonly string[],
): Promise<string[]> {
  if (heads.length === 0) return [];
  // By standard input: there may be more branches than a command line holds.
  const input = [...heads, ...before.map((commit) => `^${commit}`)].join("\n");
  const { stdout } = await inRepository(projectId, ["rev-list", "--stdin"], { input: `${input}\n` });
  return stdout.toString().split("\n").filter(Boolean);
}

/** Which of these commits a person brought into the repository, or may have brought, whoever is named as their author. */
export async function broughtBy(
  db: Db,
  projectId: string,
  userId: string,
  commits: readonly string[],
): Promise<ReadonlyMap<string, Brought>> {
  const rows = await db.commitOrigin.findMany({
    where: { projectId, commit: { in: [...commits] } },
    select: { commit: true, userId: true },
  });
  const known = new Map(rows.map((row) => [row.commit, row.userId]));
  const hasOpenPush = (await db.openPush.count({ where: { projectId, userId } })) > 0;
  return new Map(
    commits.flatMap((commit): [string, Brought][] => {
      if (known.has(commit)) return known.get(commit) === userId ? [[commit, "pushed"]] : [];
      return hasOpenPush ? [[commit, "perhaps"]] : [];
    }),
  );
}
