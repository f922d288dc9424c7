"use client";

import { ArrowDown, ArrowUp, Columns3, Pin, PinOff, X } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Popover } from "#components/ui/popover.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import type { RunKeyDto } from "#server/tracking/contract.ts";
import { FIXED_COLUMNS, runColumn } from "../run-columns.tsx";
import type { ShownColumn } from "./table-state.ts";

const MOST = 200;
const GROUPS = [
  { kind: "metrics", title: "Metrics" },
  { kind: "params", title: "Parameters" },
  { kind: "tags", title: "Tags" },
] as const;

interface PickerProps {
  readonly project: string;
  readonly columns: readonly ShownColumn[];
  readonly keys: readonly RunKeyDto[];
  readonly onColumns: (columns: readonly ShownColumn[] | null) => void;
}

/** Which columns are shown, in which order, and which stay in sight. */
export function ColumnPicker({ project, columns, keys, onColumns }: PickerProps) {
  const [query, setQuery] = useState("");
  const shown = useMemo(() => new Set(columns.map((column) => column.id)), [columns]);
  const groups = useMemo(() => {
    const fits = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase());
    return [
      {
        title: "Attributes",
        items: FIXED_COLUMNS.filter((id) => id !== "name").map((id) => ({ id, runs: null as number | null })),
      },
      ...GROUPS.map(({ kind, title }) => ({
        title,
        items: keys.filter((key) => key.kind === kind).map((key) => ({ id: `${kind}.${key.key}`, runs: key.runs })),
      })),
    ].map(({ title, items }) => ({
      title,
      count: items.length,
      items: items.filter(({ id }) => fits(runColumn(project, id)?.header ?? id)).slice(0, MOST),
    }));
  }, [keys, query, project]);
  const toggle = (id: string): void =>
    onColumns(shown.has(id) ? columns.filter((column) => column.id !== id) : [...columns, { id }]);
  const move = (at: number, by: number): void => {
    const next = [...columns];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(Math.max(1, at + by), 0, moved);
    onColumns(next);
  };
  return (
    <Popover
      label="Columns"
      align="end"
      className="w-[min(560px,94vw)] p-0"
      trigger={
        <Button size="sm" icon={<Columns3 aria-hidden />}>
          Columns
        </Button>
      }
    >
      <div className="grid max-h-[70vh] grid-cols-2">
        <div className="min-w-0 space-y-2 overflow-y-auto border-r p-3">
          <SearchInput placeholder="Search columns" value={query} onValueChange={setQuery} className="w-full" />
          {groups.map(({ title, items, count }) =>
            items.length === 0 ? null : (
              <fieldset key={title}>
                <legend className="py-1 text-2xs text-muted">
                  {title} {title === "Attributes" ? "" : formatNumber(count)}
                </legend>
                {items.map(({ id, runs }) => (
                  <div key={id} className="flex items-center gap-2">
                    <Checkbox
                      className="min-w-0 flex-1 py-0.5"
                      label={<span className="block truncate text-xs">{runColumn(project, id)?.header ?? id}</span>}
                      checked={shown.has(id)}
                      onCheckedChange={() => toggle(id)}
                    />
                    {runs === null ? null : (
                      <span className="text-2xs text-muted" data-number>
                        {formatNumber(runs)}
                      </span>
                    )}
                  </div>
                ))}
              </fieldset>
            ),
          )}
        </div>
        <div className="flex min-w-0 flex-col overflow-y-auto p-3">
          <p className="pb-1 text-2xs text-muted">Shown, from left to right</p>
          <ol aria-label="Shown columns" className="flex-1">
            {columns.map((column, i) => {
              const header = runColumn(project, column.id)?.header ?? column.id;
              return (
                <li key={column.id} className="group/item flex h-7 items-center gap-0.5 text-xs">
                  <span className="min-w-0 flex-1 truncate">{header}</span>
                  {column.id === "name" ? null : (
                    <>
                      <IconButton
                        size="sm"
                        label={column.pinned === true ? `Let ${header} scroll` : `Keep ${header} in sight`}
                        icon={column.pinned === true ? <PinOff aria-hidden /> : <Pin aria-hidden />}
                        onClick={() =>
                          onColumns(
                            columns.map((each) =>
                              each.id === column.id ? { ...each, pinned: each.pinned !== true } : each,
                            ),
                          )
                        }
                      />
                      <IconButton
                        size="sm"
                        label={`Move ${header} left`}
                        icon={<ArrowUp aria-hidden />}
                        disabled={i <= 1}
                        onClick={() => move(i, -1)}
                      />
                      <IconButton
                        size="sm"
                        label={`Move ${header} right`}
                        icon={<ArrowDown aria-hidden />}
                        disabled={i === columns.length - 1}
                        onClick={() => move(i, 1)}
                      />
                      <IconButton
                        size="sm"
                        label={`Leave out ${header}`}
                        icon={<X aria-hidden />}
                        onClick={() => toggle(column.id)}
                      />
                    </>
                  )}
                </li>
              );
            })}
          </ol>
          <div className="pt-2">
            <Button size="sm" variant="ghost" onClick={() => onColumns(null)}>
              Show the usual columns
            </Button>
          </div>
        </div>
      </div>
    </Popover>
  );
}
