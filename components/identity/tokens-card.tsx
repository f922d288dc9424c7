"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useMemo, useState } from "react";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Time } from "#components/ui/values.tsx";
import type { Scope, TokenDto } from "#server/identity/contract.ts";
import { NewTokenDialog } from "./new-token-dialog.tsx";
import { projectTokens, tokenUsage } from "./queries.ts";
import { TokenUsageCell } from "./token-usage-cell.tsx";
import { tokenState } from "./token-state.ts";

interface Props {
  project: string;
  tokens: readonly TokenDto[];
  /** What the reader holds here: a token of theirs can hold no more. */
  scopes: readonly Scope[];
  seesAll: boolean;
}

/** API tokens of the project: made for a purpose, shown once, ended at any time. */
export function TokensCard({ project, tokens: initial, scopes, seesAll }: Props) {
  const { data: tokens, error, refetch } = useQuery(projectTokens(project, initial));
  const queries = useQueryClient();
  const [now] = useState(() => Date.now());
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<TokenDto | null>(null);
  const usage = useQuery(tokenUsage(project)).data;
  const usageOf = useMemo(() => new Map(usage?.map((one) => [one.tokenId, one])), [usage]);
  const changed = () => queries.invalidateQueries({ queryKey: [project, "tokens"] });
  const columns: Column<TokenDto>[] = [
    { id: "name", header: "Token", value: (t) => t.name, cell: (t) => <span className="font-medium">{t.name}</span> },
    {
      id: "prefix",
      header: "Begins with",
      value: (t) => t.prefix,
      cell: (t) => <span className="font-mono">{t.prefix}…</span>,
      width: 120,
      grow: 0,
    },
    {
      id: "state",
      header: "State",
      value: (t) => tokenState(t, now),
      cell: (t) => <StatusBadge status={tokenState(t, now)} />,
      width: 110,
      grow: 0,
    },
    { id: "scopes", header: "Scopes", value: (t) => t.scopes.join(", "), grow: 3, width: 220 },
    {
      id: "where",
      header: "Works in",
      value: (t) => (t.everywhere ? "all my projects" : "this project"),
      width: 130,
      grow: 0,
    },
    {
      id: "limits",
      header: "Predictions",
      value: (t) => limitsOf(t),
      width: 170,
      grow: 0,
    },
    { id: "owner", header: "Owner", value: (t) => t.owner, width: 130, grow: 0, hidden: !seesAll },
    {
      id: "predictions",
      header: "Predictions",
      value: (t) => usageOf.get(t.id)?.rows ?? 0,
      cell: (t) => <TokenUsageCell project={project} usage={usageOf.get(t.id)} />,
      width: 190,
      description: "Rows asked of this project's endpoints in 30 days, and what is left of the quota today (UTC)",
    },
    {
      id: "used",
      header: "Last used",
      value: (t) => t.lastUsedAt,
      cell: (t) => (t.lastUsedAt === null ? "never" : <Time at={t.lastUsedAt} />),
      width: 110,
      grow: 0,
    },
    {
      id: "expires",
      header: "Expires",
      value: (t) => t.expiresAt,
      cell: (t) => <Time at={t.expiresAt} />,
      width: 110,
      grow: 0,
    },
  ];
  const add = (
    <Button
      variant="primary"
      icon={<KeyRound aria-hidden />}
      onClick={() => {
        setMaking(true);
      }}
    >
      New token
    </Button>
  );
  return (
    <>
      <DataTable
        label="API tokens"
        rows={tokens}
        columns={columns}
        rowId={(t) => t.id}
        search="Search tokens"
        error={error}
        onRetry={() => void refetch()}
        actions={add}
        rowMenu={(t) =>
          tokenState(t, now) === "active" ? [{ label: "Revoke", danger: true, onSelect: () => setEnding(t) }] : []
        }
        empty={
          <EmptyState icon={<KeyRound aria-hidden />} action={add}>
            Programs use an API token instead of a password: to predict, to push code, to log runs. Create one with the
            scopes it needs.
          </EmptyState>
        }
      />
      <NewTokenDialog
        project={project}
        scopes={scopes}
        open={making}
        onOpenChange={setMaking}
        onCreated={() => void changed()}
      />
      <ConfirmDialog
        title={`Revoke ${ending?.name ?? ""}?`}
        touches={`Whatever uses the token ${ending?.prefix ?? ""}… of ${ending?.owner ?? ""} is refused from now on. This cannot be undone.`}
        action="Revoke"
        danger
        open={ending !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setEnding(null);
        }}
        onConfirm={async () => {
          await api(`/api/v1/projects/${project}/tokens/${ending?.id ?? ""}`, { method: "DELETE" });
          await changed();
        }}
      />
    </>
  );
}

/** What a token may ask of endpoints, in words; empty for one that may not. */
function limitsOf({ scopes, ratePerSecond, rowsPerDay }: TokenDto): string {
  if (!scopes.includes("serving:predict")) return "";
  const parts = [
    ratePerSecond === null ? null : `${formatNumber(ratePerSecond)}/s`,
    rowsPerDay === null ? null : `${formatNumber(rowsPerDay)} rows/day`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(", ") : "no limit";
}
