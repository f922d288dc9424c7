import { api } from "#components/ui/api.ts";
import type { MetricSeriesDto, PackedSeriesDto } from "#server/tracking/contract.ts";

interface Asked {
  readonly runIds: readonly string[];
  readonly points: number;
  readonly keys?: readonly string[] | undefined;
  readonly steps?: { readonly from: number; readonly to: number } | undefined;
}

/** The histories of some metrics of these runs, thinned out to what a chart can draw; all metrics without `keys`. */
export async function fetchSeries(project: string, asked: Asked, signal: AbortSignal): Promise<MetricSeriesDto[]> {
  const path = `/api/v1/projects/${encodeURIComponent(project)}/runs/metrics`;
  const packed = await api<PackedSeriesDto[]>(path, { body: asked, signal });
  return packed.map(({ steps, times, values, ...series }) => ({
    ...series,
    points: steps.map((step, i) => ({ step, timestamp: times[i] ?? 0, value: values[i] ?? null })),
  }));
}
