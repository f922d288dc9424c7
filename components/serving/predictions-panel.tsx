"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useMemo } from "react";
import type { EndpointDetail, PredictionSummary } from "#server/serving/contract.ts";
import { CopyButton } from "#components/ui/copy.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar, type FilterDefinition, useFilters } from "#components/ui/filter-bar.tsx";
import { formatExact } from "#components/ui/format.ts";
import { LoadMore } from "#components/ui/load-more.tsx";
import { SearchInput } from "#components/ui/search-input.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Num, Percent, Time } from "#components/ui/values.tsx";
import { ExportButton } from "./export-panel.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";
import { PredictionSheet } from "./prediction-sheet.tsx";
import { predictionsQuery } from "./queries.ts";

/** Ids that a caller made often begin alike: their end tells them apart. */
function PredictionId({ id }: { id: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      <code className="text-xs" title={id}>
        {id.length > 20 ? `…${id.slice(-19)}` : id}
      </code>
      <CopyButton text={id} label={`Copy ${id}`} />
    </span>
  );
}

const columns: Column<PredictionSummary>[] = [
  {
    id: "event",
    header: "Event",
    value: (p) => p.eventTime,
    cell: (p) => <span data-number>{formatExact(p.eventTime)}</span>,
    width: 190,
    grow: 0,
    description: "When it happened, as the caller said, in UTC",
  },
  { id: "id", header: "Prediction", value: (p) => p.id, cell: (p) => <PredictionId id={p.id} />, width: 190 },
  {
    id: "label",
    header: "Predicted",
    value: (p) => p.label ?? p.value,
    cell: (p) => p.label ?? <Num value={p.value} digits={6} />,
    width: 104,
  },
  {
    id: "probability",
    header: "Probability",
    value: (p) => p.probability,
    cell: (p) => <Percent value={p.probability} />,
    numeric: true,
    width: 112,
    grow: 0,
    description: "Of the predicted class",
  },
  {
    id: "outcome",
    header: "Outcome",
    value: (p) => p.outcome?.label ?? p.outcome?.value,
    cell: (p) => <OutcomeBadge prediction={p} />,
    width: 124,
  },
  { id: "version", header: "Version", value: (p) => p.version, numeric: true, width: 92, grow: 0 },
  {
    id: "latency",
    header: "Latency",
    value: (p) => p.latencyMs,
    cell: (p) => <Num value={p.latencyMs} unit="ms" />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  {
    id: "received",
    header: "Received",
    value: (p) => p.receivedAt,
    cell: (p) => <Time at={p.receivedAt} />,
    width: 120,
    grow: 0,
    hidden: true,
  },
];

/** Logged predictions with their outcomes: a list, a lookup by id, and each with where it comes from. */
export function PredictionsPanel({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const { label, version, outcome, prediction } = useFilters(["label", "version", "outcome", "prediction"]);
  const query = useInfiniteQuery(predictionsQuery(project, endpoint.name, { label, version, outcome }));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.predictions) ?? [], [query.data]);
  const filters = useMemo(() => filtersOf(endpoint), [endpoint]);
  const show = (id: string) => setSearchParams({ prediction: id === "" ? null : id });
  const isFiltered = label !== "" || version !== "" || outcome !== "";
  return (
    <>
      <DataTable
        label="Predictions"
        rows={rows}
        columns={columns}
        rowId={(row) => `${row.id} ${row.receivedAt}`}
        onOpen={(row) => show(row.id)}
        filters={
          <FilterBar
            filters={filters}
            actions={
              <>
                <SearchInput
                  className="w-72"
                  placeholder="Look up a prediction by its id"
                  value={prediction}
                  onValueChange={(id) => show(id.trim())}
                />
                <ExportButton project={project} endpoint={endpoint.name} filter={{ label, version, outcome }} />
              </>
            }
          />
        }
        loading={query.isPending}
        error={query.error}
        onRetry={() => void query.refetch()}
        param="predictions"
        maxHeight="60vh"
        empty={
          <EmptyState icon={<ScrollText aria-hidden />}>
            {isFiltered
              ? "No logged prediction matches these filters."
              : "No prediction yet: each one is here a moment after its answer. Call the endpoint, or replay a sample's traffic with npm run demo:traffic."}
          </EmptyState>
        }
      />
      <LoadMore
        onMore={query.hasNextPage ? () => void query.fetchNextPage() : null}
        loading={query.isFetchingNextPage}
        shown={rows.length}
        total={isFiltered ? undefined : endpoint.logged.predictions}
      />
      <PredictionSheet project={project} endpoint={endpoint.name} id={prediction} onClose={() => show("")} />
    </>
  );
}

function filtersOf(endpoint: EndpointDetail): FilterDefinition[] {
  const classes = endpoint.signature?.classes ?? [];
  const versions = [...new Set(endpoint.deployments.map((deployment) => deployment.version))].sort((a, b) => b - a);
  const judged =
    classes.length > 0
      ? [
          { value: "right", label: "as predicted" },
          { value: "wrong", label: "otherwise than predicted" },
        ]
      : [];
  return [
    ...(classes.length > 0
      ? [{ param: "label", label: "Predicted", options: classes.map((name) => ({ value: name, label: name })) }]
      : []),
    {
      param: "outcome",
      label: "Outcome",
      options: [{ value: "known", label: "known" }, { value: "unknown", label: "not known yet" }, ...judged],
    },
    { param: "version", label: "Version", options: versions.map((n) => ({ value: String(n), label: `version ${n}` })) },
  ];
}
