"use client";

import { useState } from "react";
import { FileDiff } from "#components/code/parts/file-diff.tsx";
import { StatusMark } from "#components/code/parts/status-mark.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { cn } from "#components/ui/cn.ts";
import { Hash } from "#components/ui/copy.tsx";
import { plural } from "#components/ui/format.ts";
import { SearchInput } from "#components/ui/search-input.tsx";
import { Switch } from "#components/ui/toggle.tsx";
import { setSearchParams, useUrlState } from "#components/ui/url-state.ts";
import type { RunOriginDto } from "#server/pipelines/contract.ts";

const HEIGHT = 440;
/** As many files as the server names; see `compareCommits`. */
const MOST_FILES = 200;
/** A list that is seen at a glance needs no search. */
const MANY = 12;

type Distance = NonNullable<RunOriginDto["code"]["distance"]>;

/** What became of the code since a run: the files that differ between its commit and the newest of the branch, and the lines of the chosen one. */
export function CodeSince({ project, commit, distance }: { project: string; commit: string; distance: Distance }) {
  const [asked, setFile] = useUrlState("file");
  const [mode] = useUrlState("diff");
  const [query, setQuery] = useState("");
  const { files } = distance;
  const path = files.some((file) => file.path === asked) ? asked : (files[0]?.path ?? "");
  const found = files.filter((file) => file.path.toLowerCase().includes(query.toLowerCase()));
  return (
    <Card
      title="What changed since"
      description={
        <span className="inline-flex flex-wrap items-center gap-x-1.5">
          {files.length < MOST_FILES ? plural(files.length, "file") : `The first ${MOST_FILES} files`} from this run’s{" "}
          <Hash value={commit} /> to the newest of{" "}
          <TextLink href={`/p/${project}/code?branch=${encodeURIComponent(distance.branch)}`}>
            {distance.branch}
          </TextLink>
          <Hash value={distance.head} />
        </span>
      }
      actions={
        <Switch
          label="One column"
          checked={mode === "unified"}
          onCheckedChange={(on) => setSearchParams({ diff: on ? "unified" : null })}
        />
      }
      padded={false}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] lg:grid-cols-[16rem_minmax(0,1fr)]">
        <div className="min-w-0 border-b lg:border-r lg:border-b-0">
          {files.length > MANY ? (
            <div className="border-b p-1.5">
              <SearchInput placeholder="Find a file" value={query} onValueChange={setQuery} className="w-full" />
            </div>
          ) : null}
          <ul aria-label="Files that differ" className="max-h-40 overflow-y-auto py-1 lg:max-h-[400px]">
            {found.map((file) => (
              <li key={file.path}>
                <button
                  type="button"
                  aria-current={file.path === path}
                  title={file.path}
                  onClick={() => setFile(file.path)}
                  className={cn(
                    "flex h-7 w-full items-center gap-2 px-3 text-left font-mono text-xs hover:bg-raised focus-visible:outline-offset-[-2px]",
                    file.path === path && "bg-raised font-medium",
                  )}
                >
                  <StatusMark status={file.status} />
                  {/* The end of a long path tells files apart: it is what stays. */}
                  <span className="min-w-0 flex-1 truncate [direction:rtl]">
                    <bdi>{file.path}</bdi>
                  </span>
                </button>
              </li>
            ))}
            {found.length === 0 ? <li className="px-3 py-2 text-xs text-muted">No file is named like that.</li> : null}
          </ul>
        </div>
        <section aria-label={`Difference of ${path}`} className="min-w-0">
          <FileDiff
            project={project}
            path={path}
            from={commit}
            to={distance.head}
            unified={mode === "unified"}
            height={HEIGHT}
          />
        </section>
      </div>
    </Card>
  );
}
