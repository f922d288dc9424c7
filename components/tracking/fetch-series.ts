import { api, withQuery } from "#components/ui/api.ts";
import type { MetricSeriesDto, PackedSeriesDto } from "#server/tracking/contract.ts";
import { LISTED } from "./compare-address.ts";

interface Asked {
  readonly runIds: readonly string[];
  readonly points: number;
  readonly keys?: readonly string[] | undefined;
  readonly steps?: { readonly from: number; readonly to: number } | undefined;
}

const metricsPath = (project: string): string => `/api/v1/projects/${encodeURIComponent(project)}/runs/metrics`;

/** Where one metric of these runs is read; null for more runs than an address holds. A page names it in its head, so that the answer is on its way early. */
export function seriesAddress(
  project: string,
  runIds: readonly string[],
  points: number,
  metric: string,
): string | null {
  if (runIds.length === 0 || runIds.length > LISTED) return null;
  return withQuery(metricsPath(project), { runs: runIds.join(","), key: metric, points });
}

/** The histories of some metrics of these runs, thinned out to what a chart can draw; all metrics without `keys`. */
export async function fetchSeries(project: string, asked: Asked, signal: AbortSignal): Promise<MetricSeriesDto[]> {
  const [metric, ...others] = asked.keys ?? [];
  const isOne = metric !== undefined && others.length === 0 && asked.steps === undefined;
  const address = isOne ? seriesAddress(project, asked.runIds, asked.points, metric) : null;
  const packed = await (address === null
    ? api<PackedSeriesDto[]>(metricsPath(project), { body: asked, signal })
    : api<PackedSeriesDto[]>(address, { signal }));
  return packed.map(({ steps, times, values, ...series }) => ({
    ...series,
    points: steps.map((step, i) => ({ step, timestamp: times[i] ?? 0, value: values[i] ?? null })),
  }));
}
