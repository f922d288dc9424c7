"use client";

import type { ReactNode } from "react";
import { formatCompact, formatPercent } from "../format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { Sized } from "./sized.tsx";

interface MatrixPlotProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** Names of rows and columns alike. */
  readonly names: readonly string[];
  /** `counts[row][column]`. */
  readonly counts: readonly (readonly number[])[];
  readonly rowWord: string;
  readonly columnWord: string;
  readonly height?: number | undefined;
}

const HEAD = 34;

/** A table of counts, shaded by the share of each row; the diagonal is framed. Every cell states its count, and its share where there is room. */
export function MatrixPlot({ title, description, names, counts, rowWord, columnWord, height = 260 }: MatrixPlotProps) {
  return (
    <ChartFrame
      title={title}
      description={description}
      height={height}
      table={{
        columns: [`${rowWord} \\ ${columnWord}`, ...names],
        rows: names.map((name, i) => [name, ...(counts[i] ?? [])]),
      }}
    >
      {(tall) => (
        <Sized height={tall}>
          {(width) => <Cells {...{ names, counts, rowWord, columnWord, width, height: tall, title }} />}
        </Sized>
      )}
    </ChartFrame>
  );
}

function Cells({
  names,
  counts,
  rowWord,
  columnWord,
  width,
  height,
  title,
}: Pick<MatrixPlotProps, "names" | "counts" | "rowWord" | "columnWord" | "title"> & { width: number; height: number }) {
  const left = Math.min(width * 0.3, Math.max(...names.map((name) => name.length)) * 6.5 + 30);
  const cell = { width: (width - left - 4) / names.length, height: (height - HEAD - 4) / names.length };
  const letters = Math.max(2, Math.floor(cell.width / 6.6));
  const roomy = cell.height > 38 && cell.width > 46;
  return (
    <svg width={width} height={height} fontSize="11" role="img" aria-label={title}>
      <text x={left + (width - left) / 2} y={12} textAnchor="middle" fill="var(--muted)">
        {columnWord}
      </text>
      <text
        transform={`translate(11 ${HEAD + (height - HEAD) / 2}) rotate(-90)`}
        textAnchor="middle"
        fill="var(--muted)"
      >
        {rowWord}
      </text>
      {names.map((name, i) => {
        const row = counts[i] ?? [];
        const total = row.reduce((sum, count) => sum + count, 0);
        return (
          <g key={name}>
            <text x={left + cell.width * (i + 0.5)} y={28} textAnchor="middle" fill="var(--text)">
              {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
            </text>
            <text x={left - 6} y={HEAD + cell.height * (i + 0.5) + 4} textAnchor="end" fill="var(--text)">
              {name}
            </text>
            {row.map((count, j) => {
              const part = total === 0 ? 0 : count / total;
              const [x, y] = [left + cell.width * j, HEAD + cell.height * i];
              return (
                <g key={names[j]}>
                  <rect
                    x={x + 1}
                    y={y + 1}
                    width={Math.max(1, cell.width - 2)}
                    height={Math.max(1, cell.height - 2)}
                    rx="2"
                    fill={i === j ? "var(--chart-1)" : "var(--chart-2)"}
                    fillOpacity={part === 0 ? 0.04 : 0.12 + 0.5 * part}
                    stroke={i === j ? "var(--line-strong)" : "none"}
                  >
                    <title>{`${rowWord} ${name}, ${columnWord.toLowerCase()} ${names[j] ?? ""}: ${count} (${formatPercent(part)})`}</title>
                  </rect>
                  {cell.height < 14 || cell.width < 16 ? null : (
                    <text
                      x={x + cell.width / 2}
                      y={y + cell.height / 2 + (roomy ? -2 : 4)}
                      textAnchor="middle"
                      fill="var(--text)"
                      fontWeight="500"
                      pointerEvents="none"
                    >
                      {formatCompact(count)}
                    </text>
                  )}
                  {roomy ? (
                    <text
                      x={x + cell.width / 2}
                      y={y + cell.height / 2 + 13}
                      textAnchor="middle"
                      fill="var(--text)"
                      pointerEvents="none"
                    >
                      {formatPercent(part)}
                    </text>
                  ) : null}
                </g>
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
