import { eventStream } from "#server/http/event-stream.ts";
import { handle } from "#server/http/route.ts";
import { getProject } from "#server/projects/index.ts";

/** Changes of one project, and the caller's own notices, as server-sent events. */
export const GET = handle(async ({ actor, request }) => {
  const slug = new URL(request.url).searchParams.get("project");
  const project = slug ? await getProject(actor, slug, {}) : null;
  return await eventStream(request, (change) =>
    change.userId === undefined
      ? change.projectId === null || change.projectId === project?.id
      : change.userId === actor.userId,
  );
});
