"use client";

import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { setSearchParams, useSearch, useUrlState } from "#components/ui/url-state.ts";
import { fileAddress } from "./artifact-queries.ts";
import { picturesQuery } from "./compare-queries.ts";
import type { RunViews } from "./run-views.ts";

/** Every run is asked for its files, so only the first are. */
const MOST_RUNS = 24;

/** Pictures that several runs logged under one path, beside each other, or two of them laid over each other. */
export function CompareImages({ project, views }: { project: string; views: RunViews }) {
  const runs = views.shown.filter((run) => !views.dimmed(run.id));
  const asked = runs.slice(0, MOST_RUNS);
  const queries = useQueries({ queries: asked.map((run) => picturesQuery(project, run.id)) });
  const [wanted, setWanted] = useUrlState("img");
  const search = useSearch();
  const failed = queries.find((query) => query.error !== null);
  if (queries.some((query) => query.isPending)) return <Skeleton className="h-60 w-full" />;
  if (failed?.error) return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />;
  const uses = new Map<string, string[]>();
  asked.forEach((run, i) => {
    for (const file of queries[i]?.data ?? []) uses.set(file.path, [...(uses.get(file.path) ?? []), run.id]);
  });
  const paths = [...uses].sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0])).map(([path]) => path);
  if (paths.length === 0)
    return (
      <EmptyState>
        None of the shown runs logged a picture. Log one: mlflow.log_figure(figure, &quot;roc.png&quot;).
      </EmptyState>
    );
  const path = uses.has(wanted) ? wanted : (paths[0] ?? "");
  const holders = asked.filter((run) => uses.get(path)?.includes(run.id));
  const address = (run: string): string => fileAddress({ project, run, model: null, path }, true);
  const over = [search.get("ia"), search.get("ib")].map((id) => holders.find((run) => run.id === id));
  const [a, b] = over;
  const options = holders.map((run) => ({ value: run.id, label: run.name }));
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap gap-3">
        <div className="w-72">
          <Field label="Picture">
            <Select
              value={path}
              onValueChange={setWanted}
              options={paths.map((each) => ({
                value: each,
                label: `${each} (${plural(uses.get(each)?.length ?? 0, "run")})`,
              }))}
            />
          </Field>
        </div>
        {holders.length < 2 ? null : (
          <>
            <div className="w-52">
              <Field label="Lay">
                <Select
                  value={a?.id ?? ""}
                  placeholder="Nothing"
                  onValueChange={(id) => setSearchParams({ ia: id })}
                  options={options}
                />
              </Field>
            </div>
            <div className="w-52">
              <Field label="over">
                <Select
                  value={b?.id ?? ""}
                  placeholder="Nothing"
                  onValueChange={(id) => setSearchParams({ ib: id })}
                  options={options}
                />
              </Field>
            </div>
          </>
        )}
      </div>
      {a === undefined || b === undefined || a.id === b.id ? null : (
        <Overlay
          key={`${a.id} ${b.id} ${path}`}
          path={path}
          above={{ name: a.name, src: address(a.id) }}
          below={{ name: b.name, src: address(b.id) }}
        />
      )}
      <div className="grid gap-3 [grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr))]">
        {holders.map((run) => (
          <figure key={run.id} className="rounded-md border bg-surface">
            <figcaption className="flex items-center gap-2 px-3 py-1.5 text-xs">
              <svg width="16" height="8" aria-hidden className="shrink-0">
                <line
                  x2="16"
                  y1="4"
                  y2="4"
                  stroke={views.strokeOf(run.id).color}
                  strokeDasharray={views.strokeOf(run.id).dash}
                  strokeWidth="2.5"
                />
              </svg>
              <span className="min-w-0 truncate">
                <TextLink href={`/p/${project}/experiments/runs/${run.id}?tab=artifacts`}>{run.name}</TextLink>
              </span>
            </figcaption>
            <img
              src={address(run.id)}
              alt={`${path} of ${run.name}`}
              loading="lazy"
              className="max-h-80 w-full rounded-b-md bg-raised object-contain"
            />
          </figure>
        ))}
      </div>
      {runs.length > MOST_RUNS ? (
        <p className="text-xs text-muted">
          The pictures of the first {MOST_RUNS} of {runs.length} shown runs; hide some runs to see others.
        </p>
      ) : null}
    </div>
  );
}

interface Layer {
  readonly name: string;
  readonly src: string;
}

/** Two pictures in one place: a line to draw across that shows one left of it and the other right, or both by transparency, or what differs. */
function Overlay({ path, above, below }: { path: string; above: Layer; below: Layer }) {
  const [how, setHow] = useState("slide");
  const [share, setShare] = useState(50);
  const style =
    how === "slide"
      ? { clipPath: `inset(0 ${100 - share}% 0 0)` }
      : how === "fade"
        ? { opacity: share / 100 }
        : ({ mixBlendMode: "difference" } as const);
  return (
    <figure className="space-y-2 rounded-md border bg-surface p-3">
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <div className="w-40">
          <Select
            aria-label="How they are laid"
            size="sm"
            value={how}
            onValueChange={setHow}
            options={[
              { value: "slide", label: "Slide" },
              { value: "fade", label: "Fade" },
              { value: "difference", label: "Difference" },
            ]}
          />
        </div>
        {how === "difference" ? (
          <span className="text-muted">Black is equal.</span>
        ) : (
          <label className="flex items-center gap-2 text-muted">
            {below.name}
            <input
              type="range"
              min={0}
              max={100}
              value={share}
              onChange={(event) => setShare(Number(event.target.value))}
              aria-label={`How much of ${above.name} is seen`}
              className="w-56 accent-[var(--ink)]"
            />
            {above.name}
          </label>
        )}
      </div>
      <div className="relative isolate mx-auto w-fit max-w-full">
        <img src={below.src} alt={`${path} of ${below.name}`} className="block max-h-[70vh] max-w-full" />
        <img
          src={above.src}
          alt={`${path} of ${above.name}`}
          className="absolute inset-0 size-full object-fill"
          style={style}
        />
      </div>
    </figure>
  );
}
