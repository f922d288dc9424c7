import type { Range, ScaleKind } from "./axis-scale.ts";
import type { Stroke } from "./palette.ts";

/** A line as the canvas draws it: x ascending; y null is a gap. */
export interface CanvasLine {
  readonly id: string;
  readonly name: string;
  readonly stroke: Stroke;
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  /** What was measured, drawn faint behind when `ys` is smoothed. */
  readonly raw?: readonly (number | null)[] | undefined;
  /** Drawn as a shadow: not among what was chosen. */
  readonly dim?: boolean | undefined;
  readonly bold?: boolean | undefined;
}

/** The index of the value nearest to x in ascending xs; −1 when there is none. */
export function nearestIndex(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) <= x) low = middle;
    else high = middle;
  }
  return Math.abs((xs[low] ?? 0) - x) <= Math.abs((xs[high] ?? 0) - x) ? low : high;
}

/** The indices of the part of a line within the range, with one more on each side so that the line runs on beyond the edge; null for none. */
export function partWithin(xs: readonly number[], [from, to]: Range): readonly [number, number] | null {
  if (xs.length === 0) return null;
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  let beyond = xs.length;
  while (end < beyond) {
    const middle = (end + beyond) >> 1;
    if ((xs[middle] ?? 0) <= to) end = middle + 1;
    else beyond = middle;
  }
  const [first, last] = [Math.max(0, low - 1), Math.min(xs.length - 1, end)];
  return first > last ? null : [first, last];
}

/** From the least to the greatest x of the lines; on a log axis of those above 0. Null when there is none. */
export function xExtent(lines: readonly CanvasLine[], scale: ScaleKind): Range | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { xs } of lines) {
    const first = scale === "log" ? xs.find((x) => x > 0) : xs[0];
    const last = xs.at(-1);
    if (first === undefined || last === undefined || last < first) continue;
    low = Math.min(low, first);
    high = Math.max(high, last);
  }
  if (high < low) return null;
  if (high > low) return [low, high];
  return scale === "log" ? [low / 2, low * 2] : [low - 1, low + 1];
}

/**
 * The interval of y that shows what lies within the range of x, with a little air; with `outliers` left out, from the 5th to the 95th hundredth of
 * the values. On a log axis only values above 0 count. Null when nothing is there.
 */
export function yExtent(
  lines: readonly CanvasLine[],
  range: Range,
  scale: ScaleKind,
  leaveOutliers: boolean,
): Range | null {
  let [low, high] = [Infinity, -Infinity];
  const all: number[] = [];
  for (const line of lines) {
    const part = partWithin(line.xs, range);
    if (part === null) continue;
    for (const values of line.raw === undefined ? [line.ys] : [line.ys, line.raw])
      for (let i = part[0]; i <= part[1]; i++) {
        const [x, y] = [line.xs[i] ?? 0, values[i] ?? null];
        if (y === null || x < range[0] || x > range[1] || (scale === "log" && y <= 0)) continue;
        if (leaveOutliers) all.push(y);
        if (y < low) low = y;
        if (y > high) high = y;
      }
  }
  if (high < low) return null;
  if (leaveOutliers && all.length > 20) {
    all.sort((a, b) => a - b);
    low = all[Math.floor(0.05 * (all.length - 1))] ?? low;
    high = all[Math.ceil(0.95 * (all.length - 1))] ?? high;
  }
  return aired([low, high], scale);
}

function aired([low, high]: Range, scale: ScaleKind): Range {
  if (scale === "log") {
    const factor = high > low ? (high / low) ** 0.05 : 1.5;
    return [low / factor, high * factor];
  }
  const air = high > low ? (high - low) * 0.05 : Math.abs(high) * 0.1 || 1;
  return [low - air, high + air];
}

export interface Reading {
  readonly line: CanvasLine;
  readonly x: number;
  readonly y: number;
  readonly raw: number | null;
}

/** What each line says nearest to x. A line that ends long before x or begins long after it says nothing. */
export function readAt(lines: readonly CanvasLine[], x: number, range: Range, scale: ScaleKind): Reading[] {
  const reach = scale === "log" ? Infinity : (range[1] - range[0]) * 0.02;
  return lines.flatMap((line) => {
    const index = nearestIndex(line.xs, x);
    const [at, y] = [line.xs[index], line.ys[index] ?? null];
    if (at === undefined || y === null) return [];
    const [first, last] = [line.xs[0] ?? 0, line.xs.at(-1) ?? 0];
    if ((x < first - reach || x > last + reach) && Math.abs(at - x) > reach) return [];
    return [{ line, x: at, y, raw: line.raw?.[index] ?? null }];
  });
}

/** The box of the plot in the pixels of the canvas. */
export interface PlotBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly box: PlotBox;
  readonly x: Range;
  readonly y: Range;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number;
  /** A token as a colour that the canvas understands. */
  readonly color: (token: string) => string;
}

/** From so many lines on each is drawn one pixel wide: wider ones would cover each other, and take twenty times as long to draw. */
const MANY = 30;
/** Where one pixel wide is drawn again to look three wide: five such take a quarter of the time of one that is. */
const THREE_WIDE = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const;

/** Draws the lines into the box: shadows first, then what was measured, then the lines themselves. */
export function drawLines(pen: CanvasRenderingContext2D, lines: readonly CanvasLine[], picture: Picture): void {
  const { box } = picture;
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top, box.width, box.height);
  pen.clip();
  pen.lineJoin = "round";
  const usual = lines.length < MANY ? 1.5 : 1;
  for (const line of lines) if (line.dim === true) strokeLine(pen, line, line.ys, picture, { alpha: 0.1, width: 1 });
  for (const line of lines)
    if (line.dim !== true && line.raw !== undefined)
      strokeLine(pen, line, line.raw, picture, { alpha: 0.22, width: 1, plain: true });
  for (const line of lines)
    if (line.dim !== true)
      strokeLine(pen, line, line.ys, picture, { alpha: 1, width: line.bold === true ? 2.75 : usual });
  pen.restore();
}

/** A line that stands out among `count` others, over them. */
export function strokeBold(pen: CanvasRenderingContext2D, line: CanvasLine, picture: Picture, count: number): void {
  if (count < MANY) {
    strokeLine(pen, line, line.ys, picture, { alpha: 1, width: 3 });
    return;
  }
  for (const [dx, dy] of THREE_WIDE) {
    const { left, top } = picture.box;
    const box = { ...picture.box, left: left + dx * picture.ratio, top: top + dy * picture.ratio };
    strokeLine(pen, line, line.ys, { ...picture, box }, { alpha: 1, width: 1 });
  }
}

/** One line of the given values, gaps left open; a point alone between gaps becomes a dot. */
export function strokeLine(
  pen: CanvasRenderingContext2D,
  line: CanvasLine,
  values: readonly (number | null)[],
  picture: Picture,
  style: { readonly alpha: number; readonly width: number; readonly plain?: boolean },
): void {
  const part = partWithin(line.xs, picture.x);
  if (part === null) return;
  const { box, ratio } = picture;
  const toX = pixels(picture.x, picture.xScale, box.left, box.width);
  const toY = pixels(picture.y, picture.yScale, box.top + box.height, -box.height);
  const dots: [number, number][] = [];
  pen.beginPath();
  let length = 0;
  let last: [number, number] = [0, 0];
  for (let i = part[0]; i <= part[1] + 1; i++) {
    const y = i > part[1] ? null : (values[i] ?? null);
    const [px, py] = y === null ? [NaN, NaN] : [toX(line.xs[i] ?? 0), toY(y)];
    if (Number.isNaN(px) || Number.isNaN(py)) {
      if (length === 1) dots.push(last);
      length = 0;
      continue;
    }
    if (length === 0) pen.moveTo(px, py);
    else pen.lineTo(px, py);
    last = [px, py];
    length++;
  }
  pen.globalAlpha = style.alpha;
  pen.strokeStyle = picture.color(line.stroke.color);
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = style.width * ratio;
  pen.setLineDash(
    style.plain === true || line.stroke.dash === undefined
      ? []
      : line.stroke.dash.split(" ").map((d) => Number(d) * ratio),
  );
  pen.stroke();
  for (const [px, py] of dots) {
    pen.beginPath();
    pen.arc(px, py, (style.width + 1) * ratio, 0, Math.PI * 2);
    pen.fill();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/** From values to pixels; NaN for what a log axis cannot show. Values far outside are held near, since a canvas loses them otherwise. */
export function pixels(range: Range, scale: ScaleKind, start: number, length: number): (value: number) => number {
  const far = Math.abs(length) * 50;
  const hold = (px: number) => Math.min(start + far, Math.max(start - far, px));
  if (scale === "linear") {
    const factor = range[1] === range[0] ? 0 : length / (range[1] - range[0]);
    return (value) => hold(start + (value - range[0]) * factor);
  }
  const low = Math.log(range[0]);
  const factor = length / (Math.log(range[1]) - low);
  return (value) => (value > 0 ? hold(start + (Math.log(value) - low) * factor) : NaN);
}
