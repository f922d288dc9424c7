import { changesOf } from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/**
 * Four eyes: nobody publishes what they wrote themselves. Of every change under services/ since the last publication, the author is another person than the
 * one who publishes. Throws AppError `forbidden` that names the change. The platform itself, which has written nothing, may publish.
 */
export async function demandOtherAuthor(
  db: Db,
  actor: Actor,
  projectId: string,
  range: { readonly after: string | null; readonly upTo: string },
): Promise<void> {
  if (actor.kind === "system") return;
  const user = actor.userId ? await db.user.findUnique({ where: { id: actor.userId }, select: { email: true } }) : null;
  if (!user)
    throw new AppError("forbidden", "A service is published by a person, or with a person's token.", {
      remedy: "Sign in and publish it from Endpoints.",
    });
  const changes = await changesOf(projectId, "services", range);
  const own = changes.find(({ email }) => email === user.email.toLowerCase());
  if (!own) return;
  throw new AppError(
    "forbidden",
    `You wrote a change of services/ that is not published yet: ${own.commit.slice(0, 10)} '${own.subject}'. Nobody publishes their own code.`,
    { field: "commit", value: own.commit, remedy: "Ask another member who may change endpoints to publish it." },
  );
}
