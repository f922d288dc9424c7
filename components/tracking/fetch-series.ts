import { api, withQuery } from "#components/ui/api.ts";
import type { PackedSeriesDto } from "#server/tracking/contract.ts";
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

/** One metric of one run as a page holds it, a list per quantity: a comparison draws a hundred thousand points, and an object for each would be most of the work. */
export interface Series extends Omit<PackedSeriesDto, "packed"> {
  readonly steps: readonly number[];
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  /** null is NaN; an infinity is ±INFINITE. */
  readonly values: readonly (number | null)[];
}

/** The histories of some metrics of these runs, thinned out to what a chart can draw; all metrics without `keys`. */
export async function fetchSeries(project: string, asked: Asked, signal: AbortSignal): Promise<Series[]> {
  const [metric, ...others] = asked.keys ?? [];
  const isOne = metric !== undefined && others.length === 0 && asked.steps === undefined;
  const address = isOne ? seriesAddress(project, asked.runIds, asked.points, metric) : null;
  const packed = await (address === null
    ? api<PackedSeriesDto[]>(metricsPath(project), { body: asked, signal })
    : api<PackedSeriesDto[]>(address, { signal }));
  return packed.map(unpacked);
}

/** A history out of its bytes. */
export function unpacked({ packed, ...series }: PackedSeriesDto): Series {
  const bytes = bytesOf(packed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const n = bytes.byteLength / 24;
  const steps: number[] = [];
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (let i = 0; i < n; i += 1) {
    const value = view.getFloat64((2 * n + i) * 8);
    steps.push(view.getFloat64(i * 8));
    times.push(view.getFloat64((n + i) * 8));
    values.push(Number.isNaN(value) ? null : value);
  }
  return { ...series, steps, times, values };
}

function bytesOf(text: string): Uint8Array {
  // Browsers from before 2025 do not have it.
  const { fromBase64 } = Uint8Array as Partial<Pick<Uint8ArrayConstructor, "fromBase64">>;
  if (fromBase64) return fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
