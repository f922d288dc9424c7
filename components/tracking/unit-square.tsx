"use client";

import { useState } from "react";
import { ChartFrame, type ChartTable } from "#components/ui/charts/chart-frame.tsx";
import { ChartLegend } from "#components/ui/charts/legend.tsx";
import { strokesOf } from "#components/ui/charts/palette.ts";
import { Sized } from "#components/ui/charts/sized.tsx";
import { formatNumber } from "#components/ui/format.ts";

export interface UnitCurve {
  readonly id: string;
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly threshold: number | null }[];
}

interface UnitSquareProps {
  readonly title: string;
  readonly description?: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly UnitCurve[];
  /** A dashed line for comparison: the diagonal, or a height. */
  readonly guide?: "diagonal" | number | undefined;
  /** Draw the points too, where they are few. */
  readonly dots?: boolean;
  readonly empty?: string;
  readonly height?: number;
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];
const EDGE = { left: 44, right: 12, top: 10, bottom: 34 };

/** Curves between 0 and 1 in both directions: ROC, precision and recall, calibration. A vertical step stays vertical, as x may repeat. */
export function UnitSquare(props: UnitSquareProps) {
  const { title, description, xLabel, yLabel, curves, guide, dots = false, empty, height = 280 } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<{ curve: number; point: number } | null>(null);
  const strokes = strokesOf(curves.map(() => ({})));
  const table = (): ChartTable => ({
    columns: ["curve", xLabel, yLabel, "threshold"],
    rows: curves.flatMap((curve) => curve.points.map((p) => [curve.name, p.x, p.y, p.threshold])),
  });
  const toggle = (id: string): void =>
    setHidden((now) => (now.has(id) ? new Set([...now].filter((one) => one !== id)) : new Set([...now, id])));
  const chosen = at === null ? undefined : curves[at.curve]?.points[at.point];
  return (
    <ChartFrame
      title={title}
      description={description}
      table={table}
      nothing={curves.every((curve) => curve.points.length === 0)}
      empty={empty ?? "Nothing to draw."}
      height={height}
      legend={
        curves.length > 1 ? (
          <ChartLegend
            items={curves.map((curve, i) => ({
              id: curve.id,
              name: curve.name,
              stroke: strokes[i] ?? { color: "var(--chart-6)", dash: undefined },
            }))}
            hidden={hidden}
            onToggle={toggle}
          />
        ) : undefined
      }
    >
      {(tall) => (
        <Sized height={tall}>
          {(width) => {
            const inner = { w: width - EDGE.left - EDGE.right, h: tall - EDGE.top - EDGE.bottom };
            const px = (x: number): number => EDGE.left + x * inner.w;
            const py = (y: number): number => EDGE.top + (1 - y) * inner.h;
            const nearest = (clientX: number, clientY: number, box: DOMRect): void => {
              let best: { curve: number; point: number } | null = null;
              let least = 40 ** 2;
              curves.forEach((curve, c) => {
                if (hidden.has(curve.id)) return;
                curve.points.forEach((p, i) => {
                  const away = (px(p.x) - (clientX - box.left)) ** 2 + (py(p.y) - (clientY - box.top)) ** 2;
                  if (away < least) [best, least] = [{ curve: c, point: i }, away];
                });
              });
              setAt(best);
            };
            return (
              <svg
                width={width}
                height={tall}
                role="img"
                aria-label={`${title}: ${yLabel} by ${xLabel}`}
                onPointerMove={(e) => nearest(e.clientX, e.clientY, e.currentTarget.getBoundingClientRect())}
                onPointerLeave={() => setAt(null)}
              >
                {TICKS.map((tick) => (
                  <g key={tick} fontSize="11" fill="var(--muted)">
                    <line x1={px(0)} x2={px(1)} y1={py(tick)} y2={py(tick)} stroke="var(--grid)" />
                    <text x={px(0) - 6} y={py(tick) + 4} textAnchor="end">
                      {tick}
                    </text>
                    <text x={px(tick)} y={py(0) + 14} textAnchor={tick === 1 ? "end" : "middle"}>
                      {tick}
                    </text>
                  </g>
                ))}
                <text x={px(0.5)} y={tall - 5} textAnchor="middle" fontSize="11" fill="var(--muted)">
                  {xLabel}
                </text>
                <text
                  transform={`rotate(-90 11 ${py(0.5)})`}
                  x="11"
                  y={py(0.5)}
                  textAnchor="middle"
                  fontSize="11"
                  fill="var(--muted)"
                >
                  {yLabel}
                </text>
                {guide === undefined ? null : (
                  <line
                    x1={px(0)}
                    y1={py(guide === "diagonal" ? 0 : guide)}
                    x2={px(1)}
                    y2={py(guide === "diagonal" ? 1 : guide)}
                    stroke="var(--line-strong)"
                    strokeDasharray="4 4"
                  />
                )}
                {curves.map((curve, i) =>
                  hidden.has(curve.id) ? null : (
                    <g key={curve.id} stroke={strokes[i]?.color} fill="none">
                      <polyline
                        strokeWidth="1.75"
                        strokeLinejoin="round"
                        strokeDasharray={strokes[i]?.dash}
                        points={curve.points.map((p) => `${px(p.x).toFixed(1)},${py(p.y).toFixed(1)}`).join(" ")}
                      />
                      {dots
                        ? curve.points.map((p, k) => (
                            <circle key={k} cx={px(p.x)} cy={py(p.y)} r="3" fill={strokes[i]?.color} />
                          ))
                        : null}
                    </g>
                  ),
                )}
                {chosen && at ? (
                  <g>
                    <circle
                      cx={px(chosen.x)}
                      cy={py(chosen.y)}
                      r="4"
                      fill={strokes[at.curve]?.color}
                      stroke="var(--surface)"
                    />
                    <text
                      x={px(chosen.x) + (chosen.x > 0.55 ? -8 : 8)}
                      y={py(chosen.y) + (chosen.y > 0.85 ? 16 : -8)}
                      textAnchor={chosen.x > 0.55 ? "end" : "start"}
                      fontSize="11"
                      fill="var(--text)"
                      stroke="var(--surface)"
                      strokeWidth="3"
                      paintOrder="stroke"
                    >
                      {curves.length > 1 ? `${curves[at.curve]?.name ?? ""}: ` : ""}
                      {formatNumber(chosen.x)}, {formatNumber(chosen.y)}
                      {chosen.threshold === null ? "" : ` from ${formatNumber(chosen.threshold)}`}
                    </text>
                  </g>
                ) : null}
              </svg>
            );
          }}
        </Sized>
      )}
    </ChartFrame>
  );
}
