"use client";

import { useMutation } from "@tanstack/react-query";
import { CheckCheck, Inbox, MailOpen, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { api } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterBar } from "#components/ui/filter-bar.tsx";
import { plural } from "#components/ui/format.ts";
import { PageHeader } from "#components/ui/page-header.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";
import type { InboxItemDto } from "#server/inbox/contract.ts";

const WORDS: Readonly<Record<string, string>> = {
  review: "to decide",
  decision: "decided",
  comment: "comment",
  alert: "alert",
  run: "run",
  challenger: "challenger",
  mention: "mention",
};

const columns: Column<InboxItemDto>[] = [
  {
    id: "title",
    header: "What",
    value: (item) => `${item.title} ${item.body}`,
    cell: (item) => (
      <span className="flex min-w-0 items-center gap-2">
        <span
          className="size-1.5 shrink-0 rounded-full bg-ink data-[read=true]:invisible"
          data-read={item.readAt !== null}
        >
          <span className="sr-only">{item.readAt === null ? "unread" : ""}</span>
        </span>
        <span className={item.readAt === null ? "shrink-0 font-medium" : "shrink-0"}>{item.title}</span>
        <span className="truncate text-muted">{item.body}</span>
      </span>
    ),
    grow: 4,
    width: 320,
  },
  {
    id: "kind",
    header: "Kind",
    value: (item) => WORDS[item.kind] ?? item.kind,
    cell: (item) => <Badge>{WORDS[item.kind] ?? item.kind}</Badge>,
    width: 110,
    grow: 0,
  },
  { id: "project", header: "Project", value: (item) => item.project?.name ?? "", width: 150, grow: 0 },
  {
    id: "at",
    header: "Came",
    value: (item) => item.createdAt,
    cell: (item) => <Time at={item.createdAt} />,
    width: 120,
    grow: 0,
  },
];

/** What waits for the reader, or is done; opening an item reads it. */
export function InboxPage({ items, unread, state }: { items: readonly InboxItemDto[]; unread: number; state: string }) {
  const router = useRouter();
  const mark = useMutation({
    mutationFn: (body: { ids: string[]; as: "read" | "done" | "open" }) =>
      api<{ changed: number }>("/api/v1/inbox", { method: "POST", body }),
    onSuccess: () => refreshPage(),
    onError: (error) => toast.error(error),
  });
  const setAll = (chosen: readonly InboxItemDto[], as: "read" | "done" | "open") => {
    mark.mutate({ ids: chosen.map((item) => item.id), as });
  };
  const open = (item: InboxItemDto): void => {
    if (item.readAt === null) setAll([item], "read");
    router.push(item.href);
  };
  const unreadItems = items.filter((item) => item.readAt === null);
  return (
    <>
      <PageHeader
        title="Inbox"
        count={unread === 0 ? items.length : `${unread} unread`}
        actions={
          unreadItems.length === 0 || state === "done" ? undefined : (
            <Button
              icon={<MailOpen aria-hidden />}
              loading={mark.isPending}
              onClick={() => {
                setAll(unreadItems, "read");
              }}
            >
              Mark all as read
            </Button>
          )
        }
      />
      <DataTable
        label="Inbox"
        rows={items}
        columns={columns}
        rowId={(item) => item.id}
        onOpen={open}
        search="Search the inbox"
        rowMenu={(item) => [
          { label: "Open", href: item.href },
          ...(item.readAt === null ? [{ label: "Mark as read", onSelect: () => setAll([item], "read") }] : []),
          item.doneAt === null
            ? { label: "Done", onSelect: () => setAll([item], "done") }
            : { label: "Open again", onSelect: () => setAll([item], "open") },
        ]}
        selection={(chosen, clear) => (
          <>
            {chosen.some((item) => item.readAt === null) ? (
              <Button
                size="sm"
                icon={<MailOpen aria-hidden />}
                onClick={() => {
                  setAll(chosen, "read");
                  clear();
                }}
              >
                Mark as read
              </Button>
            ) : null}
            <Button
              size="sm"
              icon={state === "done" ? <Undo2 aria-hidden /> : <CheckCheck aria-hidden />}
              onClick={() => {
                setAll(chosen, state === "done" ? "open" : "done");
                clear();
              }}
            >
              {state === "done" ? "Open again" : `${plural(chosen.length, "item")} done`}
            </Button>
          </>
        )}
        filters={
          <FilterBar
            server
            filters={[
              {
                param: "state",
                label: "Show",
                options: [
                  { value: "open", label: "Open" },
                  { value: "done", label: "Done" },
                  { value: "all", label: "All" },
                ],
              },
            ]}
          />
        }
        empty={
          <EmptyState icon={<Inbox aria-hidden />} action={<LinkButton href="/">Go home</LinkButton>}>
            {state === "open"
              ? "Nothing waits for you. Requests to decide, comments on your work, failed runs and alerts arrive here by themselves."
              : "Nothing is done yet: what you mark as done, or what settles by itself, goes here."}
          </EmptyState>
        }
      />
    </>
  );
}
