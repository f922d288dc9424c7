"use client";

import { ChevronRight, FilePlus2, FileText, Folder, MoreHorizontal } from "lucide-react";
import { useMemo, useState } from "react";
import type { FileStatus } from "#server/code/contract.ts";
import { cn } from "#components/ui/cn.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { type TreeNode, treeOf } from "./file-tree.ts";
import { StatusMark } from "./parts/status-mark.tsx";

interface Props {
  readonly paths: readonly string[];
  readonly status: ReadonlyMap<string, FileStatus>;
  readonly selected: string | null;
  readonly readOnly: boolean;
  readonly onOpen: (path: string) => void;
  readonly onCreate: (folder: string) => void;
  readonly onRename: (path: string) => void;
  readonly onDelete: (path: string, folder: boolean) => void;
}

/** The files of the workspace. Arrow keys move, Enter opens, as in every tree. */
export function FileTreeView(props: Props) {
  const { paths, readOnly, onCreate } = props;
  const [query, setQuery] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => treeOf(query === "" ? paths : paths.filter((path) => path.toLowerCase().includes(query.toLowerCase()))),
    [paths, query],
  );
  const toggle = (path: string): void => {
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 border-b p-2">
        <SearchInput placeholder="Find file" value={query} onValueChange={setQuery} className="flex-1" />
        {readOnly ? null : (
          <IconButton
            label="New file"
            icon={<FilePlus2 aria-hidden />}
            size="sm"
            onClick={() => {
              onCreate("");
            }}
          />
        )}
      </div>
      <ul role="tree" aria-label="Files" className="min-h-0 flex-1 overflow-auto py-1" onKeyDown={moveFocus}>
        {shown.map((node, i) => (
          <Node
            key={node.path}
            node={node}
            depth={0}
            first={i === 0}
            closed={query === "" ? closed : new Set()}
            toggle={toggle}
            {...props}
          />
        ))}
      </ul>
    </div>
  );
}

/** Arrow keys between the visible rows of the tree. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target =
    step === undefined
      ? { Home: rows[0], End: rows.at(-1) }[event.key]
      : rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

interface NodeProps extends Props {
  readonly node: TreeNode;
  readonly depth: number;
  readonly first: boolean;
  readonly closed: ReadonlySet<string>;
  readonly toggle: (path: string) => void;
}

function Node(props: NodeProps) {
  const { node, depth, first, closed, toggle, status, selected, readOnly, onOpen, onCreate, onRename, onDelete } =
    props;
  const folder = node.children !== null;
  const open = folder && !closed.has(node.path);
  const state = status.get(node.path);
  const act = (): void => {
    if (folder) toggle(node.path);
    else onOpen(node.path);
  };
  return (
    // The row alone is the item: an item that held the rows below it would bear all their names.
    <li role="none">
      <div
        role="treeitem"
        aria-level={depth + 1}
        aria-expanded={folder ? open : undefined}
        aria-selected={selected === node.path}
        className={cn("group flex h-7 items-center pr-1 hover:bg-raised", selected === node.path && "bg-raised")}
      >
        <button
          type="button"
          data-row
          tabIndex={first || selected === node.path ? 0 : -1}
          className="flex h-full min-w-0 flex-1 items-center gap-1.5 text-left"
          style={{ paddingLeft: 8 + depth * 14 }}
          onClick={act}
        >
          {folder ? (
            <ChevronRight
              className={cn("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
              aria-hidden
            />
          ) : (
            <span className="w-3.5 shrink-0" />
          )}
          {folder ? (
            <Folder className="size-3.5 shrink-0 text-muted" aria-hidden />
          ) : (
            <FileText className="size-3.5 shrink-0 text-muted" aria-hidden />
          )}
          <span className="truncate">{node.name}</span>
        </button>
        {state ? <StatusMark status={state} /> : null}
        {readOnly ? null : (
          <span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
            <DropdownMenu
              trigger={<IconButton label={`Acts on ${node.name}`} icon={<MoreHorizontal aria-hidden />} size="sm" />}
              items={[
                ...(folder
                  ? [
                      {
                        label: "New file here",
                        onSelect: () => {
                          onCreate(`${node.path}/`);
                        },
                      },
                    ]
                  : []),
                {
                  label: "Rename or move",
                  onSelect: () => {
                    onRename(node.path);
                  },
                },
                {
                  label: "Delete",
                  danger: true,
                  onSelect: () => {
                    onDelete(node.path, folder);
                  },
                },
              ]}
            />
          </span>
        )}
      </div>
      {open ? (
        <ul role="group">
          {node.children.map((child) => (
            <Node key={child.path} {...props} node={child} depth={depth + 1} first={false} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}
