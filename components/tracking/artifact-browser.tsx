"use client";

import { useQuery } from "@tanstack/react-query";
import {
  Boxes,
  ChevronDown,
  ChevronRight,
  Download,
  File,
  FileImage,
  FileJson,
  FileText,
  Folder,
  FolderOpen,
} from "lucide-react";
import { useState } from "react";
import { LinkButton } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Hash } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import type { ArtifactEntryDto } from "#server/tracking/contract.ts";
import { ArtifactPreview, kindOf } from "./artifact-preview.tsx";
import { artifactsQuery, fileAddress } from "./queries.ts";

export interface ArtifactRoot {
  /** null: the run's own files. */
  readonly model: string | null;
  readonly name: string;
}

const icons = { image: FileImage, json: FileJson, table: FileText, text: FileText, other: File };

/** The files of a run and of the models it logged: a tree, and beside it the chosen file. The choice lives in the address. */
export function ArtifactBrowser({
  project,
  run,
  roots,
}: {
  project: string;
  run: string;
  roots: readonly ArtifactRoot[];
}) {
  const [chosen, setChosen] = useUrlState("file");
  const [entry, setEntry] = useState<ArtifactEntryDto | null>(null);
  const open = (root: ArtifactRoot, file: ArtifactEntryDto): void => {
    setEntry(file);
    setChosen(`${root.model ?? ""}:${file.path}`);
  };
  const at = chosen.indexOf(":");
  const model = at > 0 ? chosen.slice(0, at) : null;
  const path = at < 0 ? "" : chosen.slice(at + 1);
  return (
    <div className="grid items-start gap-3 lg:grid-cols-[300px_minmax(0,1fr)]">
      <div className="max-h-[70vh] overflow-auto rounded-md border bg-surface p-1.5">
        <ul aria-label="Artifacts">
          {roots.map((root) =>
            root.model === null ? (
              <Folderful
                key="run"
                project={project}
                run={run}
                root={root}
                path=""
                depth={0}
                chosen={chosen}
                onOpen={open}
              />
            ) : (
              <ModelRoot key={root.model} project={project} run={run} root={root} chosen={chosen} onOpen={open} />
            ),
          )}
        </ul>
      </div>
      {path === "" ? (
        <div className="rounded-md border bg-surface">
          <EmptyState icon={<File aria-hidden />}>Choose a file to see it here.</EmptyState>
        </div>
      ) : (
        <Chosen
          key={chosen}
          project={project}
          run={run}
          model={model}
          path={path}
          known={entry?.path === path ? entry : null}
        />
      )}
    </div>
  );
}

interface TreeProps {
  readonly project: string;
  readonly run: string;
  readonly root: ArtifactRoot;
  readonly chosen: string;
  readonly onOpen: (root: ArtifactRoot, file: ArtifactEntryDto) => void;
}

const rowStyle = "flex h-7 w-full min-w-0 items-center gap-1.5 rounded-sm pr-2 text-left text-sm hover:bg-raised";

function ModelRoot(props: TreeProps) {
  const [open, setOpen] = useState(props.chosen.startsWith(`${props.root.model ?? ""}:`));
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <li className="mt-1 border-t pt-1 first:mt-0 first:border-0 first:pt-0">
      <button type="button" aria-expanded={open} className={cn(rowStyle, "pl-1")} onClick={() => setOpen(!open)}>
        <Chevron className="size-3.5 shrink-0 text-muted" aria-hidden />
        <Boxes className="size-3.5 shrink-0 text-muted" aria-hidden />
        <span className="truncate">{props.root.name}</span>
        <span className="ml-auto shrink-0 text-xs text-muted">logged model</span>
      </button>
      {open ? (
        <ul>
          <Folderful {...props} path="" depth={1} />
        </ul>
      ) : null}
    </li>
  );
}

/** The entries of one folder; folders inside open by themselves when asked. */
function Folderful(props: TreeProps & { path: string; depth: number }) {
  const { project, run, root, path, depth } = props;
  const query = useQuery(artifactsQuery(project, run, root.model, path));
  const indent = { paddingLeft: depth * 14 + 6 };
  if (query.isPending)
    return (
      <li style={indent} className="py-1">
        <Skeleton className="h-4 w-32" />
      </li>
    );
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0 && depth < 2)
    return (
      <li style={indent} className="py-1 text-xs text-muted">
        {root.model === null ? "The run itself logged no file." : "No file yet."}
      </li>
    );
  return query.data.map((entry) =>
    entry.folder ? (
      <FolderRow key={entry.path} {...props} entry={entry} />
    ) : (
      <FileRow key={entry.path} {...props} entry={entry} />
    ),
  );
}

function FolderRow(props: TreeProps & { depth: number; entry: ArtifactEntryDto }) {
  const { entry, depth, root, chosen } = props;
  const [open, setOpen] = useState(chosen.startsWith(`${root.model ?? ""}:${entry.path}/`));
  const Chevron = open ? ChevronDown : ChevronRight;
  const Icon = open ? FolderOpen : Folder;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        className={rowStyle}
        style={{ paddingLeft: depth * 14 + 4 }}
        onClick={() => setOpen(!open)}
      >
        <Chevron className="size-3.5 shrink-0 text-muted" aria-hidden />
        <Icon className="size-3.5 shrink-0 text-muted" aria-hidden />
        <span className="truncate">{entry.name}</span>
        <span className="ml-auto shrink-0 text-xs text-muted">{formatBytes(entry.sizeBytes)}</span>
      </button>
      {open ? (
        <ul>
          <Folderful {...props} path={entry.path} depth={depth + 1} />
        </ul>
      ) : null}
    </li>
  );
}

function FileRow({ root, chosen, onOpen, depth, entry }: TreeProps & { depth: number; entry: ArtifactEntryDto }) {
  const Icon = icons[kindOf(entry.path)];
  const current = chosen === `${root.model ?? ""}:${entry.path}`;
  return (
    <li>
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        className={cn(rowStyle, current && "bg-raised font-medium")}
        style={{ paddingLeft: depth * 14 + 22 }}
        onClick={() => onOpen(root, entry)}
      >
        <Icon className="size-3.5 shrink-0 text-muted" aria-hidden />
        <span className="truncate">{entry.name}</span>
        <span className="ml-auto shrink-0 text-xs text-muted">{formatBytes(entry.sizeBytes)}</span>
      </button>
    </li>
  );
}

/** The chosen file: what it is, its preview and its download. Opened by a link, its size is asked of its folder first. */
function Chosen(props: {
  project: string;
  run: string;
  model: string | null;
  path: string;
  known: ArtifactEntryDto | null;
}) {
  const { project, run, model, path, known } = props;
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const query = useQuery({ ...artifactsQuery(project, run, model, folder), enabled: known === null });
  const entry = known ?? query.data?.find((one) => one.path === path) ?? null;
  const address = fileAddress(project, run, model, path);
  return (
    <section aria-label={path} className="min-w-0 rounded-md border bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-2">
        <h3 className="min-w-0 flex-1 truncate font-mono text-xs" title={path}>
          {path}
        </h3>
        {entry?.sha256 ? <Hash value={entry.sha256} /> : null}
        <span className="text-xs text-muted">{entry ? formatBytes(entry.sizeBytes) : ""}</span>
        <LinkButton href={address} size="sm" icon={<Download aria-hidden />} download prefetch={false}>
          Download
        </LinkButton>
      </header>
      {entry ? (
        <ArtifactPreview project={project} address={address} path={path} sizeBytes={entry.sizeBytes} />
      ) : query.isPending ? (
        <div className="p-3">
          <Skeleton className="h-40 w-full" />
        </div>
      ) : query.error ? (
        <ErrorNote error={query.error} />
      ) : (
        <EmptyState>This file is not there any more.</EmptyState>
      )}
    </section>
  );
}
