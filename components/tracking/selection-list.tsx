"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { GoOnWithRun } from "#components/registry/parts/go-on-with-run.tsx";
import { Button, TextLink } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Time } from "#components/ui/values.tsx";
import { type CandidateDto, ruleText, type SelectionDto } from "#server/tracking/contract.ts";
import { selectionsQuery } from "./origin-queries.ts";

const TONES = { chosen: "good", tied: "warn", beaten: "neutral", excluded: "neutral" } as const;

/** What a choice looked at: every candidate with its value and its fate. */
export function SelectionResult({ project, selection }: { project: string; selection: SelectionDto }) {
  const columns: Column<CandidateDto>[] = [
    {
      id: "state",
      header: "State",
      value: (c) => c.state,
      cell: (c) => <Badge tone={TONES[c.state]}>{c.state}</Badge>,
      width: 100,
      grow: 0,
    },
    {
      id: "name",
      header: "Run",
      value: (c) => c.name,
      cell: (c) => <TextLink href={`/p/${project}/experiments/runs/${c.runId}`}>{c.name}</TextLink>,
      width: 180,
      grow: 2,
    },
    {
      id: "value",
      header: selection.rule.metric,
      value: (c) => c.value,
      cell: (c) => (c.value === null ? "–" : formatNumber(c.value, 6)),
      numeric: true,
      width: 110,
    },
    ...selection.rule.tieBreak.map(
      (tie, i): Column<CandidateDto> => ({
        id: `tie${i}`,
        header: tie.metric,
        value: (c) => c.ties[i] ?? null,
        numeric: true,
        width: 100,
      }),
    ),
    ...(selection.candidates.some((c) => c.why)
      ? [{ id: "why", header: "Why", value: (c: CandidateDto) => c.why ?? "", width: 180, grow: 2 }]
      : []),
  ];
  return (
    <div className="space-y-2">
      <p className="text-sm">
        {selection.chosen ? (
          <>
            <TextLink href={`/p/${project}/experiments/runs/${selection.chosen.runId}`}>
              {selection.chosen.name}
            </TextLink>{" "}
            with {selection.rule.metric} {formatNumber(selection.chosen.value, 6)}, of {selection.eligible} eligible
            among {selection.total}.
          </>
        ) : (
          "No run was chosen."
        )}
      </p>
      {selection.notes.map((note) => (
        <p key={note} className="text-sm text-muted">
          {note}
        </p>
      ))}
      <DataTable
        label="Candidates"
        rows={selection.candidates}
        columns={columns}
        rowId={(c) => c.runId}
        param="cand"
        toolbar={false}
        maxHeight="320px"
      />
    </div>
  );
}

function SelectionRows({ project, rows }: { project: string; rows: readonly SelectionDto[] }) {
  const [shown, setShown] = useState<SelectionDto | null>(null);
  return (
    <>
      <ul aria-label="Choices" className="divide-y rounded-md border bg-surface">
        {rows.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
            <span className="min-w-0 flex-1 basis-72">
              {one.chosen ? (
                <TextLink href={`/p/${project}/experiments/runs/${one.chosen.runId}`}>{one.chosen.name}</TextLink>
              ) : (
                "none"
              )}
              <span className="text-muted">
                {" "}
                by {ruleText(one.rule)}, of {one.total}
              </span>
            </span>
            <span className="text-xs text-muted">
              {one.createdBy}, <Time at={one.createdAt} />
            </span>
            <Button size="sm" variant="ghost" onClick={() => setShown(one)}>
              Details
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        title="A choice among runs"
        description={shown ? ruleText(shown.rule) : undefined}
        open={shown !== null}
        onOpenChange={(open) => {
          if (!open) setShown(null);
        }}
        size="lg"
      >
        {shown ? <SelectionResult project={project} selection={shown} /> : null}
      </Dialog>
    </>
  );
}

/** A choice as a reason: what was asked for, what was found, among how many. */
function becauseOf({ rule, chosen, eligible, total }: SelectionDto): string {
  return `Its run was chosen by a recorded rule: ${ruleText(rule)}. It has ${formatNumber(chosen?.value, 6)}, the best of ${eligible} eligible among ${total} runs.`;
}

/** What comes after a choice; nothing when it found none or was only tried. */
export function GoOn({ project, selection }: { project: string; selection: SelectionDto | undefined }) {
  if (!selection?.chosen || selection.id === null) return null;
  const { runId, name } = selection.chosen;
  return (
    <GoOnWithRun project={project} run={{ id: runId, name }} selection={selection.id} because={becauseOf(selection)} />
  );
}

/** The choices that chose this run; nothing when there was none. */
export function RunSelections({ project, run }: { project: string; run: string }) {
  const query = useQuery(selectionsQuery(project, { run }));
  if (!query.data || query.data.length === 0) return null;
  return (
    <Section
      title="Chosen"
      description="By a recorded rule"
      actions={<GoOn project={project} selection={query.data[0]} />}
    >
      <SelectionRows project={project} rows={query.data} />
    </Section>
  );
}

/** The choices made in an experiment; nothing when there was none. */
export function ExperimentSelections({ project, experiment }: { project: string; experiment: number }) {
  const query = useQuery(selectionsQuery(project, { experiment }));
  if (!query.data || query.data.length === 0)
    return <p className="text-sm text-muted">No run of this experiment was chosen yet.</p>;
  return <SelectionRows project={project} rows={query.data} />;
}
