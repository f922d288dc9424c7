import { drawMetricHistory } from "#server/tracking/index.ts";
import { route } from "./route.ts";

/** One metric (all without `key`) of so few runs that an address holds them: a page can be told to fetch it before its code runs. */
export const metricHistory = route(drawMetricHistory, {
  input: ({ query: { runs = "", key, points } }) => ({
    runIds: runs.split(","),
    keys: key === undefined ? undefined : [key],
    points,
  }),
});

/** By POST, since a hundred run ids and as many metric names outgrow an address; it changes nothing. */
export const metricHistories = route(drawMetricHistory);
