"use client";

import { useQuery } from "@tanstack/react-query";
import { Download, File, FolderDown, Sigma } from "lucide-react";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatBytes, plural } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import type { ArtifactEntryDto } from "#server/tracking/contract.ts";
import { kindOf } from "./artifact-kinds.ts";
import { ArtifactPreview } from "./artifact-preview.tsx";
import { type FilePlace, fileAddress, folderQuery, zipAddress } from "./artifact-queries.ts";
import { type ArtifactRoot, ArtifactTree } from "./artifact-tree.tsx";
import { EvaluateDialog } from "./evaluate-dialog.tsx";

/** The files of a run and of the models it logged: a tree, and beside it the chosen file or folder. The choice lives in the address. */
export function ArtifactBrowser({
  project,
  run,
  roots,
  writable,
}: {
  project: string;
  run: string;
  roots: readonly ArtifactRoot[];
  /** Whether the reader may have tables of predictions evaluated. */
  writable: boolean;
}) {
  const [chosen, setChosen] = useUrlState("file");
  const at = chosen.indexOf(":");
  const model = at > 0 ? chosen.slice(0, at) : null;
  const path = at < 0 ? "" : chosen.slice(at + 1);
  const whole: FilePlace = { project, run, model: null, path: "" };
  const everything = useQuery(folderQuery(whole));
  const none = everything.data?.length === 0 && roots.length === 1;
  if (none)
    return (
      <div className="rounded-md border bg-surface">
        <EmptyState icon={<File aria-hidden />}>
          This run logged no files. mlflow.log_artifact(&quot;report.html&quot;) puts one here.
        </EmptyState>
      </div>
    );
  return (
    <div className="grid items-start gap-3 lg:grid-cols-[300px_minmax(0,1fr)]">
      <div className="min-w-0 space-y-2">
        <ArtifactTree project={project} run={run} roots={roots} chosen={chosen} onChoose={setChosen} />
        <LinkButton
          href={zipAddress(whole, true)}
          size="sm"
          variant="ghost"
          icon={<FolderDown aria-hidden />}
          download
          prefetch={false}
        >
          Download the whole run
        </LinkButton>
      </div>
      {at < 0 ? (
        <div className="rounded-md border bg-surface">
          <EmptyState icon={<File aria-hidden />}>Choose a file to see it here.</EmptyState>
        </div>
      ) : path === "" || path.endsWith("/") ? (
        <ChosenFolder
          key={chosen}
          place={{ project, run, model, path: path.replace(/\/$/, "") }}
          name={roots.find((root) => root.model === model)?.name ?? "Model"}
          onChoose={(entry) => setChosen(`${model ?? ""}:${entry.path}${entry.folder ? "/" : ""}`)}
        />
      ) : (
        <ChosenFile key={chosen} place={{ project, run, model, path }} writable={writable} />
      )}
    </div>
  );
}

/** The chosen file: what it is, its preview and its download. */
function ChosenFile({ place, writable }: { place: FilePlace; writable: boolean }) {
  const { path } = place;
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const query = useQuery(folderQuery({ ...place, path: folder }));
  const entry = query.data?.find((one) => one.path === path) ?? null;
  return (
    <section aria-label={path} className="min-w-0 overflow-hidden rounded-md border bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-2">
        <h3 className="flex min-w-0 flex-1 font-mono text-xs" title={path}>
          {/* Where there is little room the folders give way: the name tells a file. */}
          {folder === "" ? null : <span className="min-w-0 shrink-[99] truncate text-muted">{folder}/</span>}
          <span className="min-w-0 truncate">{path.slice(folder === "" ? 0 : folder.length + 1)}</span>
        </h3>
        {entry?.sha256 ? <Hash value={entry.sha256} /> : null}
        <span className="text-xs text-muted">{entry ? formatBytes(entry.sizeBytes) : ""}</span>
        {writable && entry && place.model === null && /\.(csv|parquet)$/i.test(path) ? (
          <EvaluateDialog
            project={place.project}
            run={place.run}
            artifact={path}
            trigger={
              <Button size="sm" icon={<Sigma aria-hidden />}>
                Evaluate
              </Button>
            }
          />
        ) : null}
        <LinkButton href={fileAddress(place)} size="sm" icon={<Download aria-hidden />} download prefetch={false}>
          Download
        </LinkButton>
      </header>
      {entry ? (
        <ArtifactPreview key={entry.sha256} place={place} sizeBytes={entry.sizeBytes} />
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

/** Pictures of a folder that are shown at a glance. */
const PICTURES = 48;
const LISTED = 200;

/** The chosen folder: its pictures at a glance, its other entries, and all of it as a zip. */
function ChosenFolder({
  place,
  name,
  onChoose,
}: {
  place: FilePlace;
  name: string;
  onChoose: (entry: ArtifactEntryDto) => void;
}) {
  const query = useQuery(folderQuery(place));
  const entries = query.data ?? [];
  const pictures = entries.filter((e) => !e.folder && kindOf(e.path) === "image" && e.sizeBytes < 5 * 2 ** 20);
  const shown = pictures.slice(0, PICTURES);
  const rest = entries.filter((e) => !shown.includes(e));
  return (
    <section aria-label={place.path || name} className="min-w-0 overflow-hidden rounded-md border bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-2">
        <h3 className="min-w-0 flex-1 truncate font-mono text-xs" title={place.path}>
          {place.path === "" ? name : `${place.path}/`}
        </h3>
        <span className="text-xs text-muted">
          {query.data
            ? `${plural(entries.length, "entry", "entries")}, ${formatBytes(entries.reduce((sum, e) => sum + e.sizeBytes, 0))}`
            : ""}
        </span>
        <LinkButton href={zipAddress(place)} size="sm" icon={<FolderDown aria-hidden />} download prefetch={false}>
          Download as zip
        </LinkButton>
      </header>
      {query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? (
        <div className="p-3">
          <Skeleton className="h-40 w-full" />
        </div>
      ) : null}
      {shown.length > 0 ? (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-2 p-3">
          {shown.map((entry) => (
            <li key={entry.path}>
              <button
                type="button"
                onClick={() => onChoose(entry)}
                className="w-full rounded-md border p-1 hover:bg-raised"
              >
                <img
                  src={fileAddress({ ...place, path: entry.path })}
                  alt=""
                  loading="lazy"
                  decoding="async"
                  className="h-28 w-full rounded-sm bg-white object-contain"
                />
                <span className="block truncate pt-1 text-xs">{entry.name}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {rest.length > 0 ? (
        <ul className="max-h-[50vh] overflow-auto border-t p-1.5 first:border-0">
          {rest.slice(0, LISTED).map((entry) => (
            <li key={entry.path}>
              <button
                type="button"
                onClick={() => onChoose(entry)}
                className="flex h-7 w-full items-center gap-3 rounded-sm px-2 text-left text-sm hover:bg-raised"
              >
                <span className="min-w-0 flex-1 truncate">{entry.folder ? `${entry.name}/` : entry.name}</span>
                <span className="text-xs text-muted" data-number>
                  {formatBytes(entry.sizeBytes)}
                </span>
              </button>
            </li>
          ))}
          {rest.length > LISTED ? (
            <li className="px-2 py-1 text-xs text-muted">
              {(rest.length - LISTED).toLocaleString("en")} more in the tree at the left.
            </li>
          ) : null}
        </ul>
      ) : null}
    </section>
  );
}
