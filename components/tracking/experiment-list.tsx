"use client";

import { useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { Input, Select } from "#components/ui/input.tsx";
import { formatNumber } from "#components/ui/format.ts";
import type { ExperimentSummaryDto } from "#server/tracking/contract.ts";
import { ExperimentMenu, NewExperiment } from "./experiment-acts.tsx";

interface Props {
  readonly project: string;
  readonly experiments: readonly ExperimentSummaryDto[];
  /** null: the runs of all. */
  readonly chosen: number | null;
  readonly onChoose: (number: number | null) => void;
  readonly writable: boolean;
}

/** More experiments than are taken in at a glance are searched, in a list that scrolls by itself. */
const MANY = 15;

/** The experiments of a project beside the table of their runs; a select where there is no room. */
export function ExperimentList({ project, experiments, chosen, onChoose, writable }: Props) {
  const active = experiments.filter((e) => e.lifecycleStage === "active");
  const deleted = experiments.filter((e) => e.lifecycleStage === "deleted");
  const total = active.reduce((sum, e) => sum + e.runs, 0);
  const [sought, setSought] = useState("");
  const word = sought.trim().toLowerCase();
  const found = active.filter((e) => e.name.toLowerCase().includes(word));
  const narrow = experiments.find((e) => e.number === chosen);
  return (
    <>
      <div className="flex items-center gap-2 lg:hidden">
        <Select
          aria-label="Experiment"
          value={chosen === null ? "" : String(chosen)}
          onValueChange={(value) => onChoose(value === "" ? null : Number(value))}
          placeholder={`All experiments (${total})`}
          options={experiments.map((e) => ({
            value: String(e.number),
            label: e.lifecycleStage === "deleted" ? `${e.name} (deleted)` : `${e.name} (${e.runs})`,
          }))}
        />
        {writable && narrow ? <ExperimentMenu key={narrow.number} project={project} experiment={narrow} /> : null}
        {writable ? <NewExperiment project={project} onMade={onChoose} /> : null}
      </div>
      <nav aria-label="Experiments" className="hidden w-56 shrink-0 lg:block">
        {active.length > MANY ? (
          <Input
            type="search"
            aria-label="Search experiments"
            placeholder={`Search ${active.length} experiments`}
            className="mb-1.5"
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
        ) : null}
        <ul className={cn("space-y-px", active.length > MANY && "max-h-[calc(100dvh-16rem)] overflow-y-auto")}>
          <li>
            <Entry label="All runs" count={total} chosen={chosen === null} onChoose={() => onChoose(null)} />
          </li>
          {found.map((e) => (
            <li key={e.number} className="group/experiment flex items-center">
              <Entry
                label={e.name}
                count={e.runs}
                running={e.running}
                chosen={chosen === e.number}
                onChoose={() => onChoose(e.number)}
              />
              {writable ? <ExperimentMenu project={project} experiment={e} /> : null}
            </li>
          ))}
          {found.length === 0 && word !== "" ? (
            <li className="px-2 py-1 text-sm text-muted">No experiment has this in its name.</li>
          ) : null}
        </ul>
        {deleted.length > 0 ? (
          <details className="mt-3">
            <summary className="cursor-pointer rounded-md px-2 py-1 text-xs text-muted hover:text-text">
              {deleted.length} deleted
            </summary>
            <ul className="space-y-px">
              {deleted.map((e) => (
                <li key={e.number} className="flex items-center">
                  <span className="min-w-0 flex-1 truncate px-2 py-1 text-sm text-muted" title={e.name}>
                    {e.name}
                  </span>
                  {writable ? <ExperimentMenu project={project} experiment={e} /> : null}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
        {writable ? (
          <div className="mt-2">
            <NewExperiment project={project} onMade={onChoose} />
          </div>
        ) : null}
      </nav>
    </>
  );
}

function Entry({
  label,
  count,
  running = 0,
  chosen,
  onChoose,
}: {
  label: string;
  count: number;
  running?: number;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <button
      type="button"
      aria-current={chosen ? "true" : undefined}
      onClick={onChoose}
      title={label}
      className={cn(
        "flex h-8 w-full min-w-0 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-raised",
        chosen ? "bg-raised font-medium" : "text-muted hover:text-text",
      )}
    >
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {running > 0 ? <span className="text-xs text-info">{running} running</span> : null}
      <span className="text-xs text-muted" data-number>
        {formatNumber(count)}
      </span>
    </button>
  );
}
