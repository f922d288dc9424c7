import { broughtBy, changesOf } from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/**
 * Four eyes: nobody publishes what they wrote themselves. Every change under services/ since the last publication has another author than the one who
 * publishes, and another person brought it into the repository: the author is only what the maker of a commit wrote there. Throws AppError `forbidden` that names the change. The platform itself, which has written nothing, may publish.
 */
export async function demandOtherAuthor(
  db: Db,
  actor: Actor,
  projectId: string,
  range: { readonly after: string | null; readonly upTo: string },
): Promise<void> {
  if (actor.kind === "system") return;
  const user = actor.userId
    ? await db.user.findUnique({ where: { id: actor.userId }, select: { id: true, email: true } })
    : null;
  if (!user)
    throw new AppError("forbidden", "A service is published by a person, or with a person's token.", {
      remedy: "Sign in and publish it from Endpoints.",
    });
  const changes = await changesOf(projectId, "services", range);
  const brought = await broughtBy(
    db,
    projectId,
    user.id,
    changes.map(({ commit }) => commit),
  );
  const isAuthor = ({ email }: { email: string }) => email === user.email.toLowerCase();
  const own = changes.find((change) => isAuthor(change) || brought.has(change.commit));
  if (!own) return;
  const change = `a change of services/ that is not published yet: ${own.commit.slice(0, 10)} '${own.subject}'`;
  const how = isAuthor(own) ? "wrote" : brought.get(own.commit) === "pushed" ? "pushed" : "may have pushed";
  const why = how === "may have pushed" ? " A push of yours was cut off before it was recorded who brought what." : "";
  throw new AppError("forbidden", `You ${how} ${change}.${why} Nobody publishes their own code.`, {
    field: "commit",
    value: own.commit,
    remedy: "Ask another member who may change endpoints to publish it.",
  });
}
