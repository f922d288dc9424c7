"use client";

import { Download, SlidersHorizontal, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../button.tsx";
import { plural } from "../format.ts";
import { IconButton } from "../icon-button.tsx";
import { DropdownMenu } from "../menu.tsx";
import { SearchInput } from "../search-input.tsx";
import type { Column } from "./column.ts";

type ToolbarProps<T> = {
  search: string | undefined;
  query: string;
  onQuery: (query: string) => void;
  filters: ReactNode;
  actions: ReactNode;
  columns: readonly Column<T>[];
  isVisible: (id: string) => boolean;
  onToggleColumn: (id: string) => void;
  onResetColumns: () => void;
  onExport: () => void;
  /** "12 of 340" when a search hides some. */
  counted: string | null;
  selectedCount: number;
  selection: ReactNode;
  onClear: () => void;
};

/** The line above a table: search and filters, or the acts for what is selected; columns and CSV at the right. */
export function Toolbar<T>(props: ToolbarProps<T>) {
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-2">
      {props.selectedCount > 0 ? (
        <div role="toolbar" aria-label="Acts for the selection" className="flex flex-wrap items-center gap-2">
          <span className="text-sm font-medium" data-number>
            {plural(props.selectedCount, "row")} selected
          </span>
          {props.selection}
          <Button variant="ghost" size="sm" icon={<X aria-hidden />} onClick={props.onClear}>
            Clear selection
          </Button>
        </div>
      ) : (
        <>
          {props.search === undefined ? null : (
            <SearchInput placeholder={props.search} value={props.query} onValueChange={props.onQuery} />
          )}
          {props.filters}
        </>
      )}
      <div className="ml-auto flex items-center gap-2">
        {props.counted === null ? null : (
          <span role="status" className="text-xs text-muted" data-number>
            {props.counted}
          </span>
        )}
        {props.actions}
        <DropdownMenu
          trigger={<IconButton label="Columns and export" icon={<SlidersHorizontal aria-hidden />} />}
          items={[
            { heading: "Columns" },
            ...props.columns.map((column, index) => ({
              label: column.header,
              checked: props.isVisible(column.id),
              disabled: index === 0,
              onSelect: () => props.onToggleColumn(column.id),
            })),
            "separator",
            { label: "Show the usual columns", onSelect: props.onResetColumns },
            { label: "Export CSV", icon: <Download aria-hidden />, onSelect: props.onExport },
          ]}
        />
      </div>
    </div>
  );
}
