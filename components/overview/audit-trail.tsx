"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import { useState } from "react";
import { withQuery } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { buttonStyle } from "#components/ui/button.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar, useFilters } from "#components/ui/filter-bar.tsx";
import { humanise } from "#components/ui/format.ts";
import { LoadMore } from "#components/ui/load-more.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import type { AuditTrailEvent } from "#server/overview/contract.ts";
import { AuditEventSheet } from "./audit-event-sheet.tsx";
import { auditParameters, auditTrail } from "./audit-queries.ts";

/** Beginnings of actions, with the words of the product. */
const ACTIONS = [
  ["promotion", "Promotions"],
  ["champion", "Champions"],
  ["model", "Models"],
  ["dataset", "Data"],
  ["code", "Code"],
  ["pipeline", "Pipeline runs"],
  ["run", "Runs"],
  ["endpoint", "Endpoints"],
  ["alert", "Alerts"],
  ["monitor", "Monitors"],
  ["policy", "Policies"],
  ["member", "Members"],
  ["token", "Tokens"],
  ["project", "Projects"],
  ["auth", "Signing in"],
] as const;

/** Kinds of what an event is about. */
const SUBJECTS = [
  "project",
  "user",
  "token",
  "dataset",
  "dataset-version",
  "branch",
  "commit",
  "pipeline-run",
  "experiment",
  "run",
  "logged-model",
  "model",
  "model-version",
  "policy",
  "promotion-request",
  "endpoint",
  "monitor",
  "alert",
] as const;

const when: Column<AuditTrailEvent> = {
  id: "at",
  header: "When",
  value: (event) => event.at,
  cell: (event) => <Time at={event.at} />,
  width: 110,
  grow: 0,
};
const rest: Column<AuditTrailEvent>[] = [
  {
    id: "actor",
    header: "Who",
    value: (event) => event.actorName,
    cell: (event) => (
      <span className="flex min-w-0 items-center gap-1.5">
        <span className="truncate">{event.actorName}</span>
        {event.actorKind === "person" ? null : <Badge>{event.actorKind}</Badge>}
      </span>
    ),
    width: 190,
    grow: 0,
  },
  { id: "summary", header: "What", value: (event) => event.summary, grow: 4, width: 320 },
  {
    id: "action",
    header: "Action",
    value: (event) => event.action,
    cell: (event) => <span className="font-mono">{event.action}</span>,
    width: 210,
    grow: 0,
  },
];
const place: Column<AuditTrailEvent> = {
  id: "project",
  header: "Project",
  value: (event) => event.project?.name ?? "",
  width: 140,
  grow: 0,
};
const ofProject = [when, ...rest];
const ofPlatform = [when, ...rest.slice(0, 1), place, ...rest.slice(1)];

interface Props {
  /** The project whose trail this is; without it the filter offers those of `projects`. */
  project?: string;
  projects?: readonly { readonly slug: string; readonly name: string }[];
}

/** Who did what, when: filtered in the address, page by page, with the whole record on demand. */
export function AuditTrail({ project, projects = [] }: Props) {
  const filters = useFilters(["q", "action", "actor", "subject", "project"]);
  const asked = project === undefined ? filters : { ...filters, project };
  const trail = useInfiniteQuery(auditTrail(asked));
  const [shown, setShown] = useState<AuditTrailEvent | null>(null);
  const events = trail.data?.pages.flatMap((page) => page.events) ?? [];
  const isFiltered = Object.values(filters).some((value) => value !== "");
  return (
    <>
      <DataTable
        label={project === undefined ? "Audit events" : "Audit events of the project"}
        rows={events}
        columns={project === undefined ? ofPlatform : ofProject}
        rowId={(event) => event.id}
        onOpen={setShown}
        loading={trail.isPending}
        error={trail.error}
        onRetry={() => void trail.refetch()}
        maxHeight="max(420px, calc(100dvh - 260px))"
        filters={
          <>
            <FilterBar
              search="Search what happened"
              filters={[
                { param: "action", label: "Action", options: ACTIONS.map(([value, label]) => ({ value, label })) },
                {
                  param: "subject",
                  label: "Subject",
                  options: SUBJECTS.map((value) => ({ value, label: humanise(value) })),
                },
                ...(project === undefined && projects.length > 0
                  ? [
                      {
                        param: "project",
                        label: "Project",
                        options: projects.map(({ slug, name }) => ({ value: slug, label: name })),
                      },
                    ]
                  : []),
              ]}
            />
            <SearchInput
              placeholder="Person"
              value={filters.actor}
              onValueChange={(actor) => setSearchParams({ actor })}
            />
          </>
        }
        actions={
          <a
            className={buttonStyle({ size: "sm" })}
            href={withQuery("/api/v1/audit.csv", auditParameters(asked))}
            download
          >
            <Download aria-hidden />
            Export all as CSV
          </a>
        }
        empty={
          <EmptyState icon={<ScrollText aria-hidden />}>
            {isFiltered
              ? "No event matches these filters."
              : "Every change leaves an event here: who, when, what. None has been made yet."}
          </EmptyState>
        }
      />
      <LoadMore
        shown={events.length}
        loading={trail.isFetchingNextPage}
        onMore={trail.hasNextPage ? () => void trail.fetchNextPage() : null}
      />
      <AuditEventSheet
        event={shown}
        onClose={() => {
          setShown(null);
        }}
      />
    </>
  );
}
