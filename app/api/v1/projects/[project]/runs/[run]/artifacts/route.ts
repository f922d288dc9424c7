import { route } from "#server/http/route.ts";
import { listArtifacts } from "#server/tracking/index.ts";

/** The run's own files, or with `?model=` those of a logged model. */
export const GET = route(listArtifacts, {
  input: ({ params, query }) => ({
    owner: query["model"] ? { kind: "model", id: query["model"] } : { kind: "run", id: params["run"] },
    path: query["path"] ?? "",
  }),
});
