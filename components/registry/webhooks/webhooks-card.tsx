"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pause, Pencil, Play, Send, Trash2, Webhook } from "lucide-react";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { toast } from "#components/ui/toast.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import type { WebhookDto, WebhookHealthDto } from "#server/registry/contract.ts";
import { DeliveriesSheet, WebhookState } from "./deliveries-sheet.tsx";
import { removeWebhook, saveWebhook, webhookHealthQuery, webhooksQuery } from "./queries.ts";
import { TestWebhook } from "./test-webhook.tsx";
import { WebhookDialog } from "./webhook-form.tsx";

interface Row extends WebhookDto {
  readonly health: WebhookHealthDto | undefined;
}

const columns: Column<Row>[] = [
  { id: "name", header: "Webhook", value: (w) => w.name, width: 140, grow: 1 },
  {
    id: "url",
    header: "Address",
    value: (w) => w.url,
    cell: (w) => (
      <span className="font-mono" title={w.url}>
        {w.url}
      </span>
    ),
    width: 240,
    grow: 3,
  },
  {
    id: "events",
    header: "Events",
    value: (w) => w.events.join(", "),
    cell: (w) => <span title={w.events.join("\n")}>{plural(w.events.length, "event")}</span>,
    width: 90,
    grow: 0,
  },
  {
    id: "state",
    header: "State",
    value: (w) => (w.status === "ACTIVE" ? "active" : "paused"),
    cell: (w) => <WebhookState webhook={w} />,
    width: 96,
    grow: 0,
  },
  {
    id: "signed",
    header: "Signed",
    value: (w) => (w.signed ? "yes" : "no"),
    width: 84,
    grow: 0,
  },
  {
    id: "week",
    header: "Last 7 days",
    description: "Deliveries by state",
    value: (w) => w.health?.failed ?? 0,
    cell: (w) => <Week health={w.health} />,
    width: 200,
    grow: 1,
  },
  {
    id: "last",
    header: "Last delivery",
    value: (w) => w.health?.last.createdAt ?? null,
    cell: (w) => (w.health ? <Time at={w.health.last.createdAt} /> : "none"),
    width: 120,
    grow: 0,
  },
];

function Week({ health }: { health: WebhookHealthDto | undefined }) {
  const parts = health
    ? [
        [health.delivered, "delivered", ""],
        [health.failed, "failed", "text-bad"],
        [health.waiting, "waiting", "text-warn"],
      ].filter(([count]) => count !== 0)
    : [];
  if (parts.length === 0) return <span className="text-muted">nothing sent</span>;
  return (
    <span data-number>
      {parts.map(([count, word, tone], i) => (
        <span key={word}>
          {i === 0 ? "" : " · "}
          <span className={String(tone)}>
            {formatNumber(Number(count))} {word}
          </span>
        </span>
      ))}
    </span>
  );
}

/** Who outside is told of what happens in the registry, and whether the messages arrive. */
export function WebhooksCard({ project }: { project: string }) {
  const queries = useQueryClient();
  const list = useQuery(webhooksQuery(project));
  const health = useQuery(webhookHealthQuery(project));
  const [shown, setShown] = useUrlState("webhook");
  const [editing, setEditing] = useState<WebhookDto | "new" | null>(null);
  const [testing, setTesting] = useState<WebhookDto | null>(null);
  const [ending, setEnding] = useState<WebhookDto | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: [project, "webhooks"] });
  const pause = useMutation({
    mutationFn: (webhook: WebhookDto) =>
      saveWebhook(project, webhook.id, { status: webhook.status === "ACTIVE" ? "DISABLED" : "ACTIVE" }),
    onSuccess: (webhook) =>
      toast.success(webhook.status === "ACTIVE" ? `${webhook.name} is told again.` : `${webhook.name} is paused.`),
    onError: (error) => toast.error(error),
    onSettled: changed,
  });
  const byId = new Map((health.data ?? []).map((one) => [one.webhookId, one]));
  const rows = (list.data ?? []).map((webhook): Row => ({ ...webhook, health: byId.get(webhook.id) }));
  const open = rows.find((row) => row.id === shown) ?? null;
  const pauseWord = (webhook: WebhookDto): string => (webhook.status === "ACTIVE" ? "Pause" : "Resume");
  const pauseIcon = (webhook: WebhookDto) =>
    webhook.status === "ACTIVE" ? <Pause aria-hidden /> : <Play aria-hidden />;
  const add = (
    <Button variant="primary" icon={<Webhook aria-hidden />} onClick={() => setEditing("new")}>
      New webhook
    </Button>
  );
  return (
    <>
      <DataTable
        label="Webhooks"
        rows={rows}
        columns={columns}
        rowId={(row) => row.id}
        onOpen={(row) => setShown(row.id)}
        search="Search webhooks"
        loading={list.isPending}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={add}
        rowMenu={(row) => [
          { label: "Deliveries", onSelect: () => setShown(row.id) },
          { label: "Send a test", icon: <Send aria-hidden />, onSelect: () => setTesting(row) },
          { label: "Edit", icon: <Pencil aria-hidden />, onSelect: () => setEditing(row) },
          { label: pauseWord(row), icon: pauseIcon(row), onSelect: () => pause.mutate(row) },
          "separator",
          { label: "Delete", icon: <Trash2 aria-hidden />, danger: true, onSelect: () => setEnding(row) },
        ]}
        empty={
          <EmptyState icon={<Webhook aria-hidden />} action={add}>
            A webhook tells another program when a model, a version or an alias changes: a build, a chat, a deployment.
          </EmptyState>
        }
      />
      <DeliveriesSheet
        project={project}
        webhook={open}
        onClose={() => setShown("")}
        actions={
          open === null ? null : (
            <>
              <Button size="sm" icon={<Send aria-hidden />} onClick={() => setTesting(open)}>
                Send a test
              </Button>
              <Button size="sm" icon={<Pencil aria-hidden />} onClick={() => setEditing(open)}>
                Edit
              </Button>
              <Button size="sm" icon={pauseIcon(open)} loading={pause.isPending} onClick={() => pause.mutate(open)}>
                {pauseWord(open)}
              </Button>
              <Button size="sm" icon={<Trash2 aria-hidden />} onClick={() => setEnding(open)}>
                Delete
              </Button>
            </>
          )
        }
      />
      <WebhookDialog
        project={project}
        webhook={editing === "new" ? null : editing}
        open={editing !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setEditing(null);
        }}
        onSaved={() => void changed()}
      />
      <TestWebhook project={project} webhook={testing} onClose={() => setTesting(null)} />
      <ConfirmDialog
        title={`Delete the webhook ${ending?.name ?? ""}?`}
        touches={`${ending?.url ?? ""} is told nothing any more, and what still waits to be delivered to it is not sent. This cannot be undone; to stop it for a while, pause it.`}
        action="Delete"
        danger
        open={ending !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setEnding(null);
        }}
        onConfirm={async () => {
          if (ending === null) return;
          // First: the news of its end would have the open sheet ask for the deliveries of what is gone.
          setShown("");
          await removeWebhook(project, ending.id);
          await changed();
        }}
      />
    </>
  );
}
