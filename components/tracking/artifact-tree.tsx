"use client";

import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  Boxes,
  ChevronDown,
  ChevronRight,
  File,
  FileAudio,
  FileCode,
  FileImage,
  FileJson,
  FileSpreadsheet,
  FileText,
  FileVideo,
  Folder,
  FolderOpen,
} from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatBytes } from "#components/ui/format.ts";
import type { ArtifactEntryDto } from "#server/tracking/contract.ts";
import { kindOf } from "./artifact-kinds.ts";
import { folderQuery } from "./artifact-queries.ts";

export interface ArtifactRoot {
  /** null: the run's own files. */
  readonly model: string | null;
  readonly name: string;
}

const ROW = 28;
const icons = {
  image: FileImage,
  json: FileJson,
  table: FileSpreadsheet,
  markdown: FileText,
  notebook: FileCode,
  page: FileCode,
  audio: FileAudio,
  video: FileVideo,
  pdf: FileText,
  onnx: Boxes,
  text: FileText,
  other: File,
};

/** A line of the tree. `key` is the address of what it stands for: "<model>:<path>", a folder with "/" at its end. */
interface Line {
  readonly key: string;
  readonly depth: number;
  readonly kind: "model" | "folder" | "file" | "waiting" | "word";
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly open: boolean;
}

const keyOf = (root: ArtifactRoot, path: string, folder: boolean): string =>
  `${root.model ?? ""}:${path}${folder && path !== "" ? "/" : ""}`;

/** The folders above what is chosen, so that a link opens the tree at it. */
function above(chosen: string): string[] {
  const at = chosen.indexOf(":");
  if (at < 0) return [];
  const [owner, path] = [chosen.slice(0, at), chosen.slice(at + 1)];
  const parts = path.replace(/\/$/, "").split("/");
  return [`${owner}:`, ...parts.slice(0, -1).map((_, i) => `${owner}:${parts.slice(0, i + 1).join("/")}/`)];
}

/**
 * The files of a run and of the models it logged. Folders are asked for when they are opened; only lines in view are drawn. Arrows move and fold, Home,
 * End and letters jump, Enter opens.
 */
export function ArtifactTree({
  project,
  run,
  roots,
  chosen,
  onChoose,
}: {
  project: string;
  run: string;
  roots: readonly ArtifactRoot[];
  chosen: string;
  onChoose: (key: string) => void;
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([":", ...above(chosen)]));
  const folders = useMemo(() => [...open], [open]);
  const queries = useQueries({
    queries: folders.map((key) => {
      const at = key.indexOf(":");
      return folderQuery({ project, run, model: key.slice(0, at) || null, path: key.slice(at + 1).replace(/\/$/, "") });
    }),
  });
  const found = new Map(folders.map((key, i) => [key, queries[i]]));
  const lines: Line[] = [];
  const visit = (root: ArtifactRoot, folder: string, depth: number): void => {
    const query = found.get(folder);
    const line = (kind: "waiting" | "word", name: string): number =>
      lines.push({ key: `${folder}?${kind}`, depth, kind, name, sizeBytes: null, open: false });
    if (!query || query.isPending) line("waiting", "");
    else if (query.error) line("word", "not read");
    else if (query.data.length === 0)
      line("word", root.model === null ? "The run itself logged no file." : "No file yet.");
    else for (const entry of query.data) add(root, entry, depth);
  };
  const add = (root: ArtifactRoot, entry: ArtifactEntryDto, depth: number): void => {
    const key = keyOf(root, entry.path, entry.folder);
    const isOpen = entry.folder && open.has(key);
    const { name, sizeBytes } = entry;
    lines.push({ key, depth, kind: entry.folder ? "folder" : "file", name, sizeBytes, open: isOpen });
    if (isOpen) visit(root, key, depth + 1);
  };
  for (const root of roots) {
    const key = keyOf(root, "", true);
    if (root.model !== null)
      lines.push({ key, depth: 0, kind: "model", name: root.name, sizeBytes: null, open: open.has(key) });
    if (root.model === null || open.has(key)) visit(root, key, root.model === null ? 0 : 1);
  }
  const fold = (key: string, to: boolean): void =>
    setOpen((before) => {
      const next = new Set(before);
      if (to) next.add(key);
      else next.delete(key);
      return next;
    });
  const failed = queries.filter((query) => query.error !== null);
  const again = (): void => failed.forEach((query) => void query.refetch());
  return (
    <>
      {failed[0] ? <ErrorNote title="Not all files could be listed" error={failed[0].error} onRetry={again} /> : null}
      <TreeLines lines={lines} chosen={chosen} onFold={fold} onChoose={onChoose} />
    </>
  );
}

function TreeLines({
  lines,
  chosen,
  onFold,
  onChoose,
}: {
  lines: readonly Line[];
  chosen: string;
  onFold: (key: string, open: boolean) => void;
  onChoose: (key: string) => void;
}) {
  const id = useId();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [active, setActive] = useState<string>(chosen);
  const typed = useRef({ text: "", at: 0 });
  const at = Math.max(
    0,
    lines.findIndex((line) => line.key === active),
  );
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 15,
    initialRect: { width: 300, height: 600 },
  });
  const seen = useRef("");
  useEffect(() => {
    // What a link names is scrolled to once, when its folder has come.
    const index = lines.findIndex((line) => line.key === chosen);
    if (seen.current === chosen || index < 0 || !scroller) return;
    seen.current = chosen;
    virtualizer.scrollToIndex(index, { align: "auto" });
  }, [lines, chosen, scroller, virtualizer]);

  const go = (index: number): void => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (!line) return;
    setActive(line.key);
    virtualizer.scrollToIndex(lines.indexOf(line), { align: "auto" });
  };
  const act = (line: Line): void => {
    if (line.kind === "waiting" || line.kind === "word") return;
    if (line.kind !== "file") onFold(line.key, !line.open);
    onChoose(line.key);
  };
  const parentOf = (index: number): number => {
    const depth = lines[index]?.depth ?? 0;
    for (let i = index - 1; i >= 0; i--) if ((lines[i]?.depth ?? 0) < depth) return i;
    return index;
  };
  const onKey = (event: KeyboardEvent): void => {
    const line = lines[at];
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const branch = line.kind === "folder" || line.kind === "model";
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(lines.length - 1),
      PageDown: () => go(at + 15),
      PageUp: () => go(at - 15),
      ArrowRight: () => (branch && !line.open ? onFold(line.key, true) : branch ? go(at + 1) : undefined),
      ArrowLeft: () => (branch && line.open ? onFold(line.key, false) : go(parentOf(at))),
      Enter: () => act(line),
      " ": () => act(line),
    };
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      move();
    } else if (event.key.length === 1) {
      const now = performance.now();
      const text = (now - typed.current.at < 800 ? typed.current.text : "") + event.key.toLowerCase();
      typed.current = { text, at: now };
      const from = text.length === 1 ? at + 1 : at;
      const order = [...lines.slice(from), ...lines.slice(0, from)];
      const hit = order.find((one) => one.name.toLowerCase().startsWith(text));
      if (hit) go(lines.indexOf(hit));
    }
  };
  const current = lines[at];
  return (
    <div
      ref={setScroller}
      role="tree"
      aria-label="Artifacts"
      tabIndex={0}
      aria-activedescendant={current ? `${id}-${at}` : undefined}
      onKeyDown={onKey}
      className="group max-h-64 min-h-40 overflow-auto rounded-md border bg-surface p-1.5 lg:max-h-[70vh]"
    >
      <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <TreeLine
              key={line.key}
              id={`${id}-${item.index}`}
              line={line}
              top={item.start}
              chosen={line.key === chosen}
              active={item.index === at}
              onAct={() => {
                setActive(line.key);
                act(line);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

function TreeLine({
  id,
  line,
  top,
  chosen,
  active,
  onAct,
}: {
  id: string;
  line: Line;
  top: number;
  chosen: boolean;
  active: boolean;
  onAct: () => void;
}) {
  const place = { height: ROW, transform: `translateY(${top}px)`, paddingLeft: line.depth * 14 + 4 };
  const branch = line.kind === "folder" || line.kind === "model";
  if (line.kind === "waiting" || line.kind === "word")
    return (
      <div
        id={id}
        role="treeitem"
        aria-level={line.depth + 1}
        aria-selected={false}
        aria-label={line.kind === "waiting" ? "Loading" : undefined}
        className="absolute top-0 left-0 flex w-full items-center text-xs text-muted"
        style={{ ...place, paddingLeft: line.depth * 14 + 22 }}
      >
        {line.kind === "waiting" ? <span className="bone h-3 w-28 rounded-sm" /> : line.name}
      </div>
    );
  const Chevron = line.open ? ChevronDown : ChevronRight;
  const Icon = line.kind === "model" ? Boxes : branch ? (line.open ? FolderOpen : Folder) : icons[kindOf(line.name)];
  return (
    // The keys are the tree's own: a line only takes clicks.
    <div
      id={id}
      role="treeitem"
      aria-level={line.depth + 1}
      aria-selected={chosen}
      {...(branch ? { "aria-expanded": line.open } : {})}
      onClick={onAct}
      title={line.name}
      className={cn(
        "absolute top-0 left-0 flex w-full min-w-0 cursor-pointer items-center gap-1.5 rounded-sm pr-2 text-sm select-none hover:bg-raised",
        chosen && "bg-raised font-medium",
        active &&
          "group-focus-visible:outline-2 group-focus-visible:-outline-offset-2 group-focus-visible:outline-steel",
      )}
      style={place}
    >
      {branch ? <Chevron className="size-3.5 shrink-0 text-muted" aria-hidden /> : <span className="w-3.5 shrink-0" />}
      <Icon className="size-3.5 shrink-0 text-muted" aria-hidden />
      <span className="truncate">{line.name}</span>
      <span className="ml-auto shrink-0 pl-2 text-xs text-muted" data-number>
        {line.kind === "model" ? "logged model" : line.sizeBytes === null ? "" : formatBytes(line.sizeBytes)}
      </span>
    </div>
  );
}
