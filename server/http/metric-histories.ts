import { drawMetricHistory } from "#server/tracking/index.ts";
import { route } from "./route.ts";

/**
 * One metric (all without `key`) of so few runs that an address holds them: a page can be told to fetch it before its code runs. The browser keeps the answer
 * and asks each time whether it still holds, which most histories do, for a tenth of the work.
 */
export const metricHistory = route(drawMetricHistory, {
  input: ({ query: { runs = "", key, points }, headers }) => ({
    runIds: runs.split(","),
    keys: key === undefined ? undefined : [key],
    points,
    known: headers.get("if-none-match"),
  }),
  answer: ({ stamp, series }) => {
    // Weak, since the bytes are another's for each way to compress them.
    const headers = { "cache-control": "private, no-cache", etag: `W/"${stamp}"` };
    return series === null ? new Response(null, { status: 304, headers }) : Response.json(series, { headers });
  },
});

/** By POST, since a hundred run ids and as many metric names outgrow an address; it changes nothing. */
export const metricHistories = route(drawMetricHistory, {
  input: ({ body }) => ({ ...(body as object), known: undefined }),
  answer: ({ series }) => Response.json(series, { headers: { "cache-control": "no-store" } }),
});
