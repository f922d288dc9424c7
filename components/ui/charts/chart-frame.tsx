"use client";

import { ChartLine, Ellipsis, Maximize2, Table2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { cn } from "../cn.ts";
import { type CsvValue, download, fileStem, toCsv } from "../csv.ts";
import { Dialog } from "../dialog.tsx";
import { formatExact, formatNumber } from "../format.ts";
import { IconButton } from "../icon-button.tsx";
import { DropdownMenu } from "../menu.tsx";
import { toast } from "../toast.tsx";
import { exportPng, type PictureName } from "./export-png.ts";

export type ChartTable = { columns: readonly string[]; rows: readonly (readonly CsvValue[])[] };

export type ChartFrameProps = {
  title: string;
  /** Of the values: "%", "ms", "predictions". */
  unit?: string | undefined;
  /** One line under the title: the window, the sample size. */
  description?: ReactNode;
  /** The numbers behind the drawing: shown as a table and exported. A function where they are many: it is called when they are asked for. */
  table: ChartTable | (() => ChartTable);
  /** Whether there is nothing to draw; without it, whether the table has no rows. */
  nothing?: boolean | undefined;
  /** Names and colours for a picture of a drawing whose legend stands elsewhere. */
  names?: readonly PictureName[] | undefined;
  actions?: ReactNode;
  /** Names of series with their strokes. */
  legend?: ReactNode;
  footnote?: ReactNode;
  /** Nothing to draw: said instead of an empty field. */
  empty?: string | undefined;
  className?: string | undefined;
  /** False for a drawing that is no SVG: it cannot be saved as a picture. */
  png?: boolean | undefined;
  /** Draws at the given height; called again, larger, when expanded. */
  children: (height: number) => ReactNode;
  height?: number | undefined;
};

/** What stands around every chart: title and unit, its table, larger view, CSV and PNG. */
export function ChartFrame(props: ChartFrameProps) {
  const {
    title,
    unit,
    description,
    table,
    actions,
    legend,
    footnote,
    empty,
    className,
    children,
    height = 220,
    png = true,
  } = props;
  const [asTable, setAsTable] = useState(false);
  const [large, setLarge] = useState(false);
  const plot = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLDivElement>(null);
  const nothing = props.nothing ?? (typeof table === "function" ? false : table.rows.length === 0);
  const numbers = (): ChartTable => (typeof table === "function" ? table() : table);

  const savePng = async (): Promise<void> => {
    const drawing = plot.current?.querySelector("canvas") ?? plot.current?.querySelector("svg");
    if (drawing === null || drawing === undefined) return;
    try {
      await exportPng(
        drawing,
        unit === undefined ? title : `${title} (${unit})`,
        props.names,
        note.current?.textContent ?? "",
      );
    } catch (error) {
      toast.error(error);
    }
  };

  return (
    <figure className={cn("group/chart flex min-w-0 flex-col rounded-md border bg-surface", className)}>
      <figcaption className="flex min-h-9 items-start gap-1 pt-1.5 pr-1.5 pl-3">
        <div className="min-w-0 flex-1 pt-0.5">
          <h2 className="truncate text-sm font-medium">
            {title}
            {unit === undefined ? null : <span className="font-normal text-muted"> {unit}</span>}
          </h2>
          {description === undefined ? null : <div className="text-xs text-muted">{description}</div>}
        </div>
        {actions}
        <div className="flex items-center opacity-60 transition-opacity group-focus-within/chart:opacity-100 group-hover/chart:opacity-100">
          <IconButton
            size="sm"
            label={asTable ? `Show chart: ${title}` : `Show table: ${title}`}
            aria-pressed={asTable}
            disabled={nothing}
            icon={asTable ? <ChartLine aria-hidden /> : <Table2 aria-hidden />}
            onClick={() => setAsTable(!asTable)}
          />
          <IconButton
            size="sm"
            label={`Expand: ${title}`}
            disabled={nothing}
            icon={<Maximize2 aria-hidden />}
            onClick={() => setLarge(true)}
          />
          <DropdownMenu
            trigger={
              <IconButton size="sm" label={`Export: ${title}`} disabled={nothing} icon={<Ellipsis aria-hidden />} />
            }
            items={[
              {
                label: "Export CSV",
                onSelect: () => {
                  const { columns, rows } = numbers();
                  download(`${fileStem(title)}.csv`, toCsv(columns, rows));
                },
              },
              png && { label: "Export PNG", disabled: asTable, onSelect: () => void savePng() },
            ]}
          />
        </div>
      </figcaption>
      {legend === undefined || nothing ? null : <div className="px-3 pt-1">{legend}</div>}
      <div ref={plot} className="min-w-0 flex-1 px-1.5 pt-2 pb-1.5">
        {nothing ? (
          <p className="flex items-center justify-center px-6 text-center text-sm text-muted" style={{ height }}>
            {empty ?? "No values in this window."}
          </p>
        ) : asTable ? (
          <ChartNumbers table={numbers()} height={height} label={title} />
        ) : (
          children(height)
        )}
      </div>
      {footnote === undefined ? null : (
        <div ref={note} className="border-t px-3 py-1.5 text-xs text-muted">
          {footnote}
        </div>
      )}
      <Dialog size="xl" title={unit === undefined ? title : `${title} (${unit})`} open={large} onOpenChange={setLarge}>
        {legend}
        <div className="pt-2">
          {children(Math.max(320, Math.round((typeof window === "undefined" ? 800 : window.innerHeight) * 0.6)))}
        </div>
      </Dialog>
    </figure>
  );
}

/** As many rows as a page bears; the CSV has them all. */
const MOST_ROWS = 1000;

/** The numbers of a chart as a plain table. */
function ChartNumbers({ table, height, label }: { table: ChartTable; height: number; label: string }) {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={`${label}, table`}
      className="overflow-auto focus-visible:outline-offset-[-2px]"
      style={{ height }}
    >
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-surface text-muted">
          <tr>
            {table.columns.map((column, index) => (
              <th
                key={`${index}:${column}`}
                scope="col"
                className={cn("h-7 border-b px-2 font-medium", index === 0 ? "text-left" : "text-right")}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, MOST_ROWS).map((row, at) => (
            <tr key={at}>
              {row.map((value, index) => (
                <td
                  key={index}
                  className={cn("h-6 border-b px-2 whitespace-nowrap", index === 0 ? "text-left" : "text-right")}
                >
                  {numberText(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > MOST_ROWS ? (
        <p className="px-2 py-1.5 text-xs text-muted">
          The first {formatNumber(MOST_ROWS)} of {formatNumber(table.rows.length)} rows; the CSV has all.
        </p>
      ) : null}
    </div>
  );
}

function numberText(value: CsvValue): string {
  if (value === null || value === undefined) return "–";
  if (value instanceof Date) return formatExact(value, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (typeof value === "number" || typeof value === "bigint") return formatNumber(value, 4);
  return String(value);
}
