"use client";

import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import "./valid-language.ts";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatCompact } from "../format.ts";
import { moved, type Range, type ScaleKind, ticksOf, widened } from "./axis-scale.ts";
import { useCanvasColors } from "./canvas-colors.ts";
import {
  type CanvasLine,
  drawLines,
  type Picture,
  pixels,
  type Reading,
  readAt,
  strokeBold,
  xExtent,
  yExtent,
} from "./canvas-lines.ts";
import { hoverSeries, hoveredSeries, onHoveredSeries } from "./hovered-series.ts";
import { LinesTooltip, type Tip } from "./lines-tooltip.tsx";
import { tickText, type XKind } from "./palette.ts";

interface LinesPlotProps {
  readonly label: string;
  readonly height: number;
  readonly lines: readonly CanvasLine[];
  readonly xKind: XKind;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  /** The part of x that is shown; null: all. */
  readonly range: Range | null;
  /** Told when the reader zooms, pans or resets. */
  readonly onRange: (range: Range | null) => void;
  readonly leaveOutliers: boolean;
  /** The whole of y is shown, whatever the lines take of it. */
  readonly yWhole?: Range | undefined;
  /** Plots with the same key share the cursor. */
  readonly syncKey: string;
  readonly digits: number;
  readonly xWord: (x: number) => string;
}

/** How near in pixels a line must be to count as pointed at. */
const NEAR = 30;
const FONT = "11px sans-serif";
const EMPTY: Range = [0, 1];
/** uPlot always gets a linear scale: on a logarithmic axis its values are the powers of ten. */
const onAxis = (value: number, scale: ScaleKind): number => (scale === "log" ? Math.log10(value) : value);
const offAxis = (value: number, scale: ScaleKind): number => (scale === "log" ? 10 ** value : value);
const ends = ([low, high]: Range, scale: ScaleKind): [number, number] => [onAxis(low, scale), onAxis(high, scale)];

/**
 * Lines on a canvas, for more points than an SVG can carry. uPlot keeps the axes, the cursor and its sharing; the lines are drawn by `drawLines`, since
 * each has its own x values and joining a hundred of them would cost more than drawing.
 *
 * Dragging zooms in, with Shift it pans; Ctrl and the wheel zoom about the cursor; a double click shows all again. Keys: arrows move the cursor, with Shift
 * they pan, + and − zoom, Escape resets.
 */
export function LinesPlot(props: LinesPlotProps) {
  const { xScale, yScale, xKind, syncKey, height, label } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  const color = useCanvasColors();
  const shown = useRef({ x: EMPTY, y: EMPTY });
  const overlay = useRef<HTMLCanvasElement | null>(null);
  const latest = useRef({ ...props, color });
  useLayoutEffect(() => {
    latest.current = { ...props, color };
  });

  /** Shows this part of x (null: the part that the owner wants) without telling anyone. */
  const show = useCallback((part: Range | null) => {
    const { lines, range, xScale: xs, yScale: ys, leaveOutliers, yWhole } = latest.current;
    const x = part ?? range ?? xExtent(lines, xs) ?? (xs === "log" ? [1, 10] : EMPTY);
    const legal: Range = xs === "log" && x[0] <= 0 ? [Math.max(x[1] / 1e4, Number.MIN_VALUE), x[1]] : x;
    const bright = lines.filter((line) => line.dim !== true);
    const y =
      yWhole ??
      yExtent(bright.length > 0 ? bright : lines, legal, ys, leaveOutliers) ??
      (ys === "log" ? [1, 10] : EMPTY);
    shown.current = { x: legal, y };
    plot.current?.setData([ends(legal, xs), ends(y, ys)]);
  }, []);

  useEffect(() => {
    const box = frame.current;
    if (box === null) return;
    const { xKind: kind } = latest.current;
    const axis = {
      font: FONT,
      stroke: () => latest.current.color("--muted"),
      ticks: { show: false },
    } as const;
    const grid = { stroke: () => latest.current.color("--grid"), width: 1 } as const;
    const u = new uPlot(
      {
        width: Math.max(80, box.clientWidth),
        height,
        padding: [10, 18, 0, 0],
        legend: { show: false },
        cursor: {
          sync: { key: syncKey, setSeries: false, scales: ["x", null] },
          drag: { x: true, y: false, setScale: false, dist: 4 },
          points: { show: false },
          x: true,
          y: false,
          bind: {
            mousedown: (_, __, handler) => (event) => {
              if (event.button === 0 && !event.shiftKey) handler(event);
              return null;
            },
            dblclick: () => () => {
              latest.current.onRange(null);
              return null;
            },
          },
        },
        scales: {
          x: { time: false, range: () => ends(shown.current.x, xScale) },
          y: { range: () => ends(shown.current.y, yScale) },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            gap: 6,
            border: { show: true, stroke: () => latest.current.color("--line-strong"), width: 1 },
            splits: (self) =>
              ticksOf(shown.current.x, Math.max(2, Math.floor(self.width / 90)), xScale, kind).map((x) =>
                onAxis(x, xScale),
              ),
            values: (_, ticks) =>
              ticks.map((x) => tickText(offAxis(x, xScale), kind, shown.current.x[1] - shown.current.x[0])),
          },
          {
            ...axis,
            grid,
            size: 52,
            gap: 6,
            splits: (self) =>
              ticksOf(shown.current.y, Math.max(2, Math.floor(self.height / 45)), yScale, "number").map((y) =>
                onAxis(y, yScale),
              ),
            values: (_, ticks) => ticks.map((y) => formatCompact(offAxis(y, yScale))),
          },
        ],
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: {
          draw: [
            (self) => {
              drawLines(self.ctx, latest.current.lines, pictureOf(self, latest.current, shown.current));
              drawOverlay(self, overlay.current, latest.current, shown.current, null);
            },
          ],
          setCursor: [
            (self) => {
              const at = self.cursor.left ?? -1;
              const own = self.over.matches(":hover") || document.activeElement === frame.current;
              if (at < 0 || !own) {
                setTip(null);
                return;
              }
              setTip(tipAt(self, latest.current, shown.current, overlay.current));
            },
          ],
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 4) return;
              const at = (px: number): number => offAxis(self.posToVal(px, "x"), xScale);
              const part: Range = [at(left), at(left + width)];
              self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
              latest.current.onRange(part);
            },
          ],
        },
      },
      [ends(shown.current.x, xScale), ends(shown.current.y, yScale)],
      box,
    );
    plot.current = u;
    const layer = document.createElement("canvas");
    layer.style.cssText = "position:absolute;inset:0;width:100%;height:100%;pointer-events:none";
    u.over.append(layer);
    overlay.current = layer;
    const stop = watchPointer(u, latest, shown, show);
    const sized = new ResizeObserver(() => {
      const width = Math.max(80, box.clientWidth);
      // The observer's first word is the size that the plot has: setting it again would draw every line twice.
      if (width !== u.width) u.setSize({ width, height });
    });
    sized.observe(box);
    const unhover = onHoveredSeries(() => drawOverlay(u, layer, latest.current, shown.current, null));
    show(null);
    return () => {
      stop();
      unhover();
      sized.disconnect();
      u.destroy();
      plot.current = null;
      overlay.current = null;
    };
  }, [xScale, yScale, xKind, syncKey, height, show]);

  useEffect(() => {
    show(null);
  }, [props.lines, props.range, props.leaveOutliers, color, show]);

  const press = (event: KeyboardEvent): void => {
    const u = plot.current;
    if (u === null) return;
    const { onRange, xScale: scale } = latest.current;
    const { x } = shown.current;
    const width = u.over.clientWidth;
    const at = u.cursor.left === undefined || u.cursor.left < 0 ? width / 2 : u.cursor.left;
    const act: Record<string, () => void> = {
      ArrowLeft: () =>
        event.shiftKey
          ? onRange(moved(x, -0.2, scale))
          : u.setCursor({ left: Math.max(0, at - width / 50), top: u.over.clientHeight / 2 }),
      ArrowRight: () =>
        event.shiftKey
          ? onRange(moved(x, 0.2, scale))
          : u.setCursor({ left: Math.min(width, at + width / 50), top: u.over.clientHeight / 2 }),
      "+": () => onRange(widened(x, 0.5, at / width, scale)),
      "=": () => onRange(widened(x, 0.5, at / width, scale)),
      "-": () => onRange(widened(x, 2, at / width, scale)),
      Escape: () => onRange(null),
    };
    const chosen = act[event.key];
    if (chosen === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    chosen();
  };

  return (
    <div
      ref={frame}
      role="group"
      aria-roledescription="chart"
      aria-label={`${label}. Arrow keys read the lines, with Shift they pan, plus and minus zoom, Escape shows all.`}
      tabIndex={0}
      onKeyDown={press}
      onBlur={() => {
        plot.current?.setCursor({ left: -10, top: -10 });
        hoverSeries(null);
      }}
      className="relative min-w-0 cursor-crosshair rounded-sm"
      style={{ height }}
    >
      {tip === null ? null : <LinesTooltip tip={tip} digits={props.digits} />}
    </div>
  );
}

type Latest = LinesPlotProps & { readonly color: (token: string) => string };
interface Shown {
  readonly x: Range;
  readonly y: Range;
}

function pictureOf(u: uPlot, { xScale, yScale, color }: Latest, { x, y }: Shown): Picture {
  return { box: u.bbox, x, y, xScale, yScale, ratio: uPlot.pxRatio, color };
}

/** The lines nearest to the cursor, and the nearest of all told to the page when it is near enough. */
function tipAt(u: uPlot, latest: Latest, shown: Shown, layer: HTMLCanvasElement | null): Tip | null {
  const [left, top] = [u.cursor.left ?? 0, u.cursor.top ?? 0];
  const x = offAxis(u.posToVal(left, "x"), latest.xScale);
  const toY = pixels(shown.y, latest.yScale, u.over.clientHeight, -u.over.clientHeight);
  const readings = readAt(
    latest.lines.filter((line) => line.dim !== true),
    x,
    shown.x,
    latest.xScale,
  )
    .map((reading) => ({ reading, far: Math.abs(toY(reading.y) - top) }))
    .filter(({ far }) => !Number.isNaN(far))
    .sort((a, b) => a.far - b.far);
  const nearest = readings[0];
  const near = nearest !== undefined && nearest.far <= NEAR ? nearest.reading.line.id : null;
  hoverSeries(near);
  const named = readings.slice(0, 8).map(({ reading }) => reading);
  drawOverlay(u, layer, latest, shown, named);
  if (nearest === undefined) return null;
  return {
    left: u.over.offsetLeft + left,
    onLeft: left > u.over.clientWidth / 2,
    head: latest.xWord(x),
    nearest: near,
    readings: named.sort((a, b) => b.y - a.y),
    more: readings.length - named.length,
  };
}

/** What stands out above the drawing: the line that is pointed at, here or elsewhere, and the points that the cursor reads. */
function drawOverlay(
  u: uPlot,
  layer: HTMLCanvasElement | null,
  latest: Latest,
  shown: Shown,
  readings: readonly Reading[] | null,
): void {
  if (layer === null) return;
  const ratio = uPlot.pxRatio;
  const [width, height] = [u.over.clientWidth * ratio, u.over.clientHeight * ratio];
  if (layer.width !== width || layer.height !== height) [layer.width, layer.height] = [width, height];
  const pen = layer.getContext("2d");
  if (pen === null) return;
  pen.clearRect(0, 0, width, height);
  const picture = { ...pictureOf(u, latest, shown), box: { left: 0, top: 0, width, height } };
  const line = latest.lines.find((each) => each.id === hoveredSeries());
  if (line !== undefined) strokeBold(pen, line, picture, latest.lines.length);
  const toX = pixels(shown.x, latest.xScale, 0, width);
  const toY = pixels(shown.y, latest.yScale, height, -height);
  for (const reading of readings ?? []) {
    pen.fillStyle = latest.color(reading.line.stroke.color);
    pen.beginPath();
    pen.arc(toX(reading.x), toY(reading.y), 3 * ratio, 0, Math.PI * 2);
    pen.fill();
  }
}

/** Panning by Shift and drag, zooming by Ctrl and wheel. The chart follows the hand at once; its owner is told when it rests. */
function watchPointer(
  u: uPlot,
  latest: { readonly current: Latest },
  shown: { readonly current: Shown },
  show: (part: Range | null) => void,
): () => void {
  let from: { readonly px: number; readonly x: Range } | null = null;
  let resting: ReturnType<typeof setTimeout> | undefined;
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.shiftKey) return;
    event.preventDefault();
    u.over.setPointerCapture(event.pointerId);
    from = { px: event.clientX, x: shown.current.x };
  };
  const move = (event: PointerEvent): void => {
    if (from === null) return;
    show(moved(from.x, (from.px - event.clientX) / u.over.clientWidth, latest.current.xScale));
  };
  const up = (): void => {
    if (from === null) return;
    from = null;
    latest.current.onRange(shown.current.x);
  };
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const rect = u.over.getBoundingClientRect();
    const about = Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width));
    show(widened(shown.current.x, 1.2 ** Math.sign(event.deltaY), about, latest.current.xScale));
    clearTimeout(resting);
    resting = setTimeout(() => latest.current.onRange(shown.current.x), 180);
  };
  const leave = (): void => hoverSeries(null);
  u.over.addEventListener("pointerdown", down);
  u.over.addEventListener("pointermove", move);
  u.over.addEventListener("pointerup", up);
  u.over.addEventListener("pointercancel", up);
  u.over.addEventListener("wheel", wheel, { passive: false });
  u.over.addEventListener("mouseleave", leave);
  return () => {
    clearTimeout(resting);
    u.over.removeEventListener("pointerdown", down);
    u.over.removeEventListener("pointermove", move);
    u.over.removeEventListener("pointerup", up);
    u.over.removeEventListener("pointercancel", up);
    u.over.removeEventListener("wheel", wheel);
    u.over.removeEventListener("mouseleave", leave);
  };
}
