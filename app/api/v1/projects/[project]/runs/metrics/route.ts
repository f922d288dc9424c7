import { route } from "#server/http/route.ts";
import { drawMetricHistory } from "#server/tracking/index.ts";

/** One metric (all without `key`) of so few runs that an address holds them: a page can be told to fetch it before its code runs. */
export const GET = route(drawMetricHistory, {
  input: ({ query: { runs = "", key, points } }) => ({
    runIds: runs.split(","),
    keys: key === undefined ? undefined : [key],
    points,
  }),
});

/** POST, since a hundred run ids and as many metric names outgrow an address; it changes nothing. */
export const POST = route(drawMetricHistory);
