import { formatCompact, formatDate, formatNumber } from "../format.ts";

export type SeriesRole = "champion" | "challenger";

/** Six hues, then the same again with dashes: colour alone never tells two lines apart for long. */
const HUES = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6"];
/** Too close to gold to stand beside it. */
const GOLDEN = ["--chart-2", "--chart-5"];
const DASHES = [undefined, "6 3", "2 3"];

export type Stroke = { color: string; dash: string | undefined };

/**
 * Strokes of a chart's series, in order: the champion gold and the challenger steel, the others out of the palette, whose
 * hues are counted without those two. Dashes repeat when hues run out; `dashed` asks for them.
 */
export function strokesOf(
  series: readonly { role?: SeriesRole | undefined; dashed?: boolean | undefined }[],
): Stroke[] {
  // One line alone needs no hue; and the first hue, a green, must not read as a verdict.
  if (series.length === 1 && series[0]?.role === undefined)
    return [{ color: "var(--chart-6)", dash: series[0]?.dashed === true ? DASHES[1] : undefined }];
  const hues = series.some(({ role }) => role === "champion") ? HUES.filter((hue) => !GOLDEN.includes(hue)) : HUES;
  let next = 0;
  return series.map(({ role, dashed }) => {
    if (role === "champion") return { color: "var(--gold-fill)", dash: dashed === true ? DASHES[1] : undefined };
    if (role === "challenger") return { color: "var(--steel-fill)", dash: dashed === true ? DASHES[1] : undefined };
    const turn = Math.floor(next / hues.length) % DASHES.length;
    const color = `var(${hues[next % hues.length] ?? "--chart-1"})`;
    next += 1;
    return { color, dash: dashed === true ? DASHES[Math.max(1, turn)] : DASHES[turn] };
  });
}

export type XKind = "time" | "step" | "number";

const DAY = 86_400_000;

/** The tick text of an x axis: hours within two days, dates beyond, counts for steps. Times are in the reader's zone. */
export function tickText(x: number, kind: XKind, span: number): string {
  if (kind !== "time") return formatCompact(x);
  const at = new Date(x);
  if (span <= 2 * DAY) return `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  const [day, month, year] = formatDate(new Date(x - at.getTimezoneOffset() * 60_000)).split(" ");
  return span > 400 * DAY ? `${month ?? ""} ${year ?? ""}` : `${day ?? ""} ${month ?? ""}`;
}

/** An x value in full, for the tooltip and the table. */
export function xText(x: number, kind: XKind): string {
  if (kind !== "time") return formatNumber(x);
  const at = new Date(x);
  return `${formatDate(new Date(x - at.getTimezoneOffset() * 60_000))}, ${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/**
 * Evenly spaced round ticks within [low, high], about `count` of them; times fall on full minutes, hours or days.
 * Returns the two ends when the interval is empty.
 */
export function roundTicks(low: number, high: number, count: number, kind: XKind): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / Math.max(1, count);
  const step = kind === "time" ? timeStep(rough) : Math.max(kind === "step" ? 1 : 0, niceStep(rough));
  const shift = kind === "time" && step >= 3_600_000 ? new Date(low).getTimezoneOffset() * 60_000 : 0;
  const ticks: number[] = [];
  for (let at = Math.ceil((low - shift) / step) * step + shift; at <= high + step * 1e-9; at += step) ticks.push(at);
  return ticks;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

function timeStep(rough: number): number {
  const minute = 60_000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((m) => m * minute);
  const days = [1, 2, 3, 7, 14, 30, 61, 91, 182, 365].map((d) => d * DAY);
  return [...steps, ...days].find((step) => step >= rough) ?? 730 * DAY;
}

/** Lines of what happened, by its kind. */
export const annotationColors = { promotion: "var(--text)", alert: "var(--bad)", deployment: "var(--muted)" } as const;
