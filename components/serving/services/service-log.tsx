"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useMemo, useState } from "react";
import type { ServiceCall, ServiceDetail } from "#server/serving/contract.ts";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar, useFilters } from "#components/ui/filter-bar.tsx";
import { LoadMore } from "#components/ui/load-more.tsx";
import { Num, Time } from "#components/ui/values.tsx";
import { callsQuery } from "./queries.ts";

const columns: Column<ServiceCall>[] = [
  {
    id: "at",
    header: "When",
    value: (c) => c.receivedAt,
    cell: (c) => <Time at={c.receivedAt} />,
    width: 120,
    grow: 0,
  },
  {
    id: "status",
    header: "Status",
    value: (c) => c.status,
    cell: (c) => <span className={c.status < 400 ? "" : c.status < 500 ? "text-warn" : "text-bad"}>{c.status}</span>,
    numeric: true,
    width: 84,
    grow: 0,
  },
  {
    id: "latency",
    header: "Latency",
    value: (c) => c.latencyMs,
    cell: (c) => <Num value={c.latencyMs} unit="ms" />,
    numeric: true,
    width: 100,
    grow: 0,
  },
  { id: "caller", header: "Token", value: (c) => c.caller ?? "", width: 176, grow: 0 },
  {
    id: "what",
    header: "Answer or error",
    value: (c) => c.error ?? JSON.stringify(c.output),
    cell: (c) => <code className="truncate text-xs">{c.error ?? JSON.stringify(c.output)}</code>,
    width: 220,
  },
  { id: "publication", header: "Publication", value: (c) => c.publication, numeric: true, width: 110, grow: 0 },
  { id: "request", header: "Request id", value: (c) => c.requestId, width: 200, hidden: true },
];

const FILTERS = [
  {
    param: "calls",
    label: "Calls",
    options: [
      { value: "answered", label: "answered" },
      { value: "refused", label: "refused (4xx)" },
      { value: "failed", label: "failed (5xx)" },
    ],
  },
];

/** What was asked and answered, as the service's rules let it be kept. */
export function ServiceLog({ project, service }: { project: string; service: ServiceDetail }) {
  const { calls: outcome } = useFilters(["calls"]);
  const query = useInfiniteQuery(callsQuery(project, service.name, { outcome, requestId: "" }));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.calls) ?? [], [query.data]);
  const [shown, setShown] = useState<ServiceCall | null>(null);
  return (
    <>
      <DataTable
        label="Calls"
        rows={rows}
        columns={columns}
        rowId={(row) => `${row.requestId} ${row.receivedAt}`}
        onOpen={setShown}
        filters={<FilterBar filters={FILTERS} />}
        loading={query.isPending}
        error={query.error}
        onRetry={() => void query.refetch()}
        param="log"
        maxHeight="60vh"
        empty={
          <EmptyState icon={<ScrollText aria-hidden />}>
            {outcome === "" ? "No call yet: each one is here a moment after its answer." : "No call matches."}
          </EmptyState>
        }
      />
      <LoadMore
        onMore={query.hasNextPage ? () => void query.fetchNextPage() : null}
        loading={query.isFetchingNextPage}
        shown={rows.length}
      />
      <Dialog
        title={shown ? `Call ${shown.requestId}` : "Call"}
        open={shown !== null}
        onOpenChange={(open) => {
          if (!open) setShown(null);
        }}
      >
        {shown ? (
          <div className="space-y-3">
            {shown.error ? <p className="rounded-md bg-bad-soft px-3 py-2 text-sm break-words">{shown.error}</p> : null}
            <CodeBlock title="Input" code={JSON.stringify(shown.input, null, 2)} maxHeight={240} />
            <CodeBlock title="Output" code={JSON.stringify(shown.output, null, 2)} maxHeight={240} />
          </div>
        ) : null}
      </Dialog>
    </>
  );
}
