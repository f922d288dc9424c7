"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { QuotaDto, TokenUsage } from "#server/serving/contract.ts";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Num } from "#components/ui/values.tsx";
import { usageQuery } from "./queries.ts";
import { quotaText } from "./words.ts";

const count = (
  id: keyof Pick<TokenUsage, "requests" | "rows" | "limited" | "failed">,
  header: string,
  description: string,
): Column<TokenUsage> => ({
  id,
  header,
  value: (t) => t[id],
  cell: (t) => <Num value={t[id]} digits={0} />,
  numeric: true,
  width: 100,
  grow: 0,
  description,
});

const columns: Column<TokenUsage>[] = [
  {
    id: "token",
    header: "Token",
    value: (t) => t.name ?? t.tokenId,
    cell: (t) => (
      <span className={t.active ? "font-medium" : "text-muted"}>
        {t.name ?? "a token that is gone"}
        {t.name !== null && !t.active ? " (no longer valid)" : ""}
      </span>
    ),
    width: 180,
  },
  { id: "owner", header: "Owner", value: (t) => t.owner, width: 120, grow: 0.5 },
  {
    id: "days",
    header: "Rows by day",
    value: (t) => t.rows,
    cell: (t) => <Sparkline values={t.days.map((day) => day.rows)} label={`Rows by day of ${t.name ?? "a token"}`} />,
    width: 130,
    grow: 0,
    search: false,
  },
  count("requests", "Requests", "Requests in this span"),
  count("rows", "Rows", "Predictions that were asked for"),
  count("limited", "Limited", "Requests refused for the token's rate or quota (429)"),
  count("failed", "Failed", "Requests refused or failed for any other reason"),
  {
    id: "quota",
    header: "Left today",
    value: (t) => t.quota.rowsLeft,
    cell: (t) => <Quota quota={t.quota} />,
    width: 170,
    grow: 0,
    description: "Of the token's rows a day (UTC), over all endpoints",
  },
];

/** What is left of a token's quota, as words and a bar. */
function Quota({ quota }: { quota: QuotaDto }) {
  const { rowsLeft, rowsPerDay } = quota;
  if (rowsLeft === null || rowsPerDay === null) return <span className="text-muted">{quotaText(quota)}</span>;
  return (
    <span className="flex items-center gap-2" title={quotaText(quota)}>
      <span className="h-1.5 w-14 overflow-hidden rounded-full bg-raised" aria-hidden>
        <span
          className={`block h-full ${rowsLeft === 0 ? "bg-bad" : "bg-ink"}`}
          style={{ width: `${rowsPerDay === 0 ? 0 : (rowsLeft / rowsPerDay) * 100}%` }}
        />
      </span>
      <span data-number>
        {formatNumber(rowsLeft)} of {formatNumber(rowsPerDay)}
      </span>
    </span>
  );
}

/** Which client applications use an endpoint, and how much. */
export function UsagePanel({ project, name }: { project: string; name: string }) {
  const [days, setDays] = useState("30");
  const query = useQuery(usageQuery(project, name, Number(days)));
  return (
    <DataTable
      label="Usage by token"
      rows={query.data?.tokens ?? []}
      columns={columns}
      rowId={(token) => token.tokenId}
      sort={{ id: "rows", desc: true }}
      loading={query.isPending}
      error={query.error}
      onRetry={() => void query.refetch()}
      param="usage"
      actions={
        <Select
          aria-label="Span"
          value={days}
          onValueChange={setDays}
          options={[
            { value: "7", label: "last 7 days" },
            { value: "30", label: "last 30 days" },
            { value: "90", label: "last 90 days" },
          ]}
        />
      }
      empty={
        <EmptyState icon={<KeyRound aria-hidden />}>
          No token asked this endpoint for anything in this span. Each client application gets a token of its own in
          Settings, with its own quota.
        </EmptyState>
      }
    />
  );
}
