"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Files, GitCommitHorizontal, History, Play, Upload } from "lucide-react";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { FileStatus } from "#server/code/contract.ts";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { CopyButton } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Select } from "#components/ui/input.tsx";
import { Popover } from "#components/ui/popover.tsx";
import { SkeletonTable } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Buffers } from "./buffers.ts";
import { ChangesPanel, DraftDiff } from "./changes-panel.tsx";
import { Editor, type Position } from "./editor.tsx";
import { FileActs } from "./file-acts.tsx";
import { FileTreeView } from "./file-tree-view.tsx";
import { CommitView, HistoryPanel, type ShownCommit } from "./history-panel.tsx";
import { MergeWaiting } from "./merge-waiting.tsx";
import { treeQuery, workspaceQuery } from "./queries.ts";
import { StatusBar } from "./status-bar.tsx";
import { TabBar } from "./tab-bar.tsx";

export interface WorkbenchProps {
  readonly project: string;
  readonly readOnly: boolean;
  readonly mayRun: boolean;
  readonly mayPublish: boolean;
  readonly cloneUrl: string;
}
/** A file that becomes an address of its own once it is published. */
const IS_SERVICE = /^services\/[^/]+\.(?:ts|py)$/;
type View = "files" | "changes" | "history";

const VIEWS: readonly { id: View; label: string; icon: React.ReactNode }[] = [
  { id: "files", label: "Files", icon: <Files aria-hidden /> },
  { id: "changes", label: "Changes", icon: <GitCommitHorizontal aria-hidden /> },
  { id: "history", label: "History", icon: <History aria-hidden /> },
];

/** The browser IDE on one branch of the project's repository. Readers without write access see the branch; writers their own draft of it. */
export function Workbench(props: WorkbenchProps) {
  const [branch, setBranch] = useUrlState("branch", "main");
  // A branch has its own open files and draft: everything below starts anew with it.
  return <BranchWorkbench key={branch} {...props} branch={branch} setBranch={setBranch} />;
}

function BranchWorkbench({
  project,
  readOnly,
  mayRun,
  mayPublish,
  cloneUrl,
  branch,
  setBranch,
}: WorkbenchProps & { branch: string; setBranch: (branch: string) => void }) {
  const client = useQueryClient();
  const [path, setPath] = useUrlState("file", "");
  const [view, setView] = useUrlState("view", "files");
  const [notOpened, setNotOpened] = useState<string | null>(null);
  const [diffOf, setDiffOf] = useState<string | null>(null);
  const [shownCommit, setShownCommit] = useState<ShownCommit | null>(null);
  const [position, setPosition] = useState<Position>({ line: 1, column: 1 });
  const buffers = useMemo(() => new Buffers(project, branch, readOnly), [project, branch, readOnly]);
  const open = useSyncExternalStore(buffers.subscribe, buffers.snapshot, buffers.snapshot);
  const workspace = useQuery({ ...workspaceQuery(project, branch), enabled: !readOnly });
  const tree = useQuery({ ...treeQuery(project, branch), enabled: readOnly });
  const source = readOnly ? tree : workspace;
  const paths = useMemo(
    () => (readOnly ? (tree.data?.paths ?? []) : (workspace.data?.entries.map((entry) => entry.path) ?? [])),
    [readOnly, tree.data, workspace.data],
  );
  const status = useMemo(
    () =>
      new Map<string, FileStatus>([
        ...(workspace.data?.changes.map((c) => [c.path, c.status] as const) ?? []),
        ...(workspace.data?.conflicts.map((p) => [p, "conflict"] as const) ?? []),
      ]),
    [workspace.data],
  );
  const reload = useCallback(() => void client.invalidateQueries({ queryKey: [project, "code"] }), [client, project]);

  const show = useCallback(
    (file: string) => {
      setDiffOf(null);
      setShownCommit(null);
      buffers.open(file).then(
        (buffer) => {
          if (buffer) setPath(file);
          else toast.info(`${file} is not text and is not edited here`);
        },
        (error: unknown) => {
          toast.error(error);
        },
      );
    },
    [buffers, setPath],
  );

  useEffect(
    () => () => {
      buffers.dispose();
    },
    [buffers],
  );
  useEffect(() => {
    if (path !== "" && !buffers.get(path))
      buffers.open(path).catch((error: unknown) => {
        setNotOpened(path);
        toast.error(error);
      });
  }, [buffers, path]);
  // Whatever changed in the repository or the draft, elsewhere or here: files without unsaved text follow.
  const version = readOnly ? tree.data?.commit : `${workspace.data?.base ?? ""}:${workspace.dataUpdatedAt}`;
  useEffect(() => {
    if (version) void buffers.refresh();
  }, [buffers, version]);
  // The list of changes follows what was just stored.
  const stored = open
    .filter((buffer) => buffer.state === "saved")
    .map((buffer) => buffer.blob)
    .join();
  useEffect(() => {
    if (!readOnly && stored) void client.invalidateQueries({ queryKey: [project, "code", "workspace"] });
  }, [client, project, readOnly, stored]);
  useEffect(() => {
    const leave = (): void => void buffers.saveAll();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
    };
  }, [buffers]);

  const branches = readOnly ? tree.data?.branches : workspace.data?.branches;
  const active = path !== "" && open.some((buffer) => buffer.path === path) ? path : null;
  const shownViews = VIEWS.filter((entry) => !readOnly || entry.id !== "changes");
  return (
    <div className="grid h-full grid-cols-[minmax(200px,280px)_minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)_auto]">
      <header className="col-span-2 flex flex-wrap items-center gap-2 border-b bg-surface px-3 py-1.5">
        <h1 className="sr-only">Code</h1>
        <span className="w-44">
          <Select
            aria-label="Branch"
            size="sm"
            value={branch}
            onValueChange={setBranch}
            options={(branches ?? [branch]).map((name) => ({ value: name, label: name }))}
          />
        </span>
        <FileActs {...{ project, branch, readOnly, buffers, reload, show, setBranch }}>
          {(acts) => (
            <>
              {readOnly ? (
                <span className="text-xs text-muted">You may read this repository.</span>
              ) : (
                <Button size="sm" onClick={acts.newBranch}>
                  New branch
                </Button>
              )}
              <span className="flex-1" />
              {mayPublish && active !== null && IS_SERVICE.test(active) ? (
                <LinkButton
                  size="sm"
                  icon={<Upload aria-hidden />}
                  href={`/p/${project}/endpoints?publish=${encodeURIComponent(active)}`}
                >
                  Publish service
                </LinkButton>
              ) : null}
              <Popover trigger={<Button size="sm">Clone</Button>} label="Clone the repository">
                <div className="flex max-w-md flex-col gap-2">
                  <p>Work in your own editor; use an API token from Settings as the password.</p>
                  <p className="flex items-center gap-2 font-mono text-xs break-all">
                    git clone {cloneUrl} <CopyButton text={`git clone ${cloneUrl}`} label="Copy" />
                  </p>
                </div>
              </Popover>
              {mayRun ? (
                <LinkButton
                  size="sm"
                  variant="primary"
                  icon={<Play aria-hidden />}
                  href={`/p/${project}/pipelines?run=1&branch=${encodeURIComponent(branch)}`}
                >
                  Run pipeline
                </LinkButton>
              ) : null}
            </>
          )}
        </FileActs>
      </header>
      <aside className="flex min-h-0 flex-col border-r bg-surface">
        <nav className="flex border-b" aria-label="Workbench views">
          {shownViews.map((entry) => (
            <button
              key={entry.id}
              type="button"
              aria-current={view === entry.id}
              onClick={() => {
                setView(entry.id);
              }}
              className={cn(
                "flex flex-1 items-center justify-center gap-1.5 border-b-2 py-2 text-xs [&_svg]:size-3.5",
                view === entry.id ? "border-text" : "border-transparent text-muted",
              )}
            >
              {entry.icon} {entry.label}
              {entry.id === "changes" && workspace.data && workspace.data.changes.length > 0 ? (
                <span className="tabular-nums">{workspace.data.changes.length}</span>
              ) : null}
            </button>
          ))}
        </nav>
        <div className="min-h-0 flex-1">
          {source.isPending ? <SkeletonTable rows={10} columns={1} /> : null}
          {source.isError ? <ErrorNote error={source.error} onRetry={reload} /> : null}
          {source.isSuccess && view === "files" ? (
            <FileActs {...{ project, branch, readOnly, buffers, reload, show, setBranch }}>
              {(acts) => (
                <FileTreeView
                  paths={paths}
                  status={status}
                  selected={active}
                  readOnly={readOnly}
                  onOpen={show}
                  onCreate={acts.create}
                  onRename={acts.rename}
                  onDelete={acts.remove}
                />
              )}
            </FileActs>
          ) : null}
          {view === "changes" && workspace.data ? (
            <ChangesPanel
              project={project}
              workspace={workspace.data}
              saveAll={() => buffers.saveAll()}
              onChanged={reload}
              shown={diffOf}
              onShow={(file) => {
                setShownCommit(null);
                setDiffOf(file);
              }}
            />
          ) : null}
          {view === "history" ? (
            <HistoryPanel
              project={project}
              branch={branch}
              shown={shownCommit}
              onShow={(shown) => {
                setDiffOf(null);
                setShownCommit(shown);
              }}
            />
          ) : null}
        </div>
      </aside>
      <section className="flex min-h-0 min-w-0 flex-col bg-surface" aria-label="Editor">
        {open.length > 0 ? (
          <TabBar
            buffers={open}
            active={diffOf || shownCommit ? null : active}
            onSelect={show}
            onClose={(file) =>
              void buffers.close(file).then(() => {
                if (file === path) setPath(open.find((b) => b.path !== file)?.path ?? "");
              })
            }
          />
        ) : null}
        {readOnly ? null : (
          <MergeWaiting
            project={project}
            branch={branch}
            buffers={buffers}
            open={open}
            conflicts={workspace.data?.conflicts ?? []}
            onDone={reload}
          />
        )}
        <div className="relative min-h-0 flex-1">
          {diffOf ? (
            <DraftDiff key={`${diffOf}:${workspace.dataUpdatedAt}`} project={project} branch={branch} path={diffOf} />
          ) : null}
          {shownCommit ? <CommitView project={project} shown={shownCommit} onShow={setShownCommit} /> : null}
          <div
            className={cn(
              "absolute inset-0",
              (diffOf !== null || shownCommit !== null || active === null) && "invisible",
            )}
          >
            <Editor buffers={buffers} path={active} readOnly={readOnly} onPosition={setPosition} />
          </div>
          {active !== null || diffOf || shownCommit ? null : path === "" || path === notOpened ? (
            <EmptyState>Choose a file from the tree.</EmptyState>
          ) : (
            <div role="status" aria-label="The file is opened" className="bone m-3 h-40" />
          )}
        </div>
      </section>
      <StatusBar
        branch={branch}
        commit={readOnly ? tree.data?.commit : workspace.data?.base}
        buffer={open.find((buffer) => buffer.path === active)}
        position={position}
      />
    </div>
  );
}
