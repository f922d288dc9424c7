"use client";

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { CopyButton, Id } from "#components/ui/copy.tsx";
import { Sheet } from "#components/ui/dialog.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { LoadMore } from "#components/ui/load-more.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time, Until } from "#components/ui/values.tsx";
import { DeliveryStatus, MOST_ATTEMPTS, type WebhookDeliveryDto, type WebhookDto } from "#server/registry/contract.ts";
import { eventWord } from "./event-words.ts";
import { deliveriesQuery, sendAgain } from "./queries.ts";

/** One webhook: what it is, and each message on its way with what came of it. */
export function DeliveriesSheet({
  project,
  webhook,
  actions,
  onClose,
}: {
  project: string;
  webhook: WebhookDto | null;
  actions: ReactNode;
  onClose: () => void;
}) {
  return (
    <Sheet
      title={webhook?.name ?? "Webhook"}
      width="600px"
      open={webhook !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      {webhook === null ? null : (
        <div className="space-y-4">
          <div className="flex flex-wrap gap-2">{actions}</div>
          <KeyValue
            items={[
              {
                label: "Address",
                value: (
                  <span className="inline-flex max-w-full items-center gap-1">
                    <span className="min-w-0 font-mono text-xs break-all">{webhook.url}</span>
                    <CopyButton text={webhook.url} />
                  </span>
                ),
              },
              webhook.description ? { label: "Description", value: webhook.description } : null,
              { label: "State", value: <WebhookState webhook={webhook} /> },
              { label: "Signed", value: webhook.signed ? "yes, with its secret" : "no: it has no secret" },
              {
                label: "Told of",
                value: (
                  <span className="flex flex-wrap gap-1">
                    {webhook.events.map((event) => (
                      <Badge key={event} title={eventWord(event)}>
                        {event}
                      </Badge>
                    ))}
                  </span>
                ),
              },
              { label: "Created", value: <Time at={webhook.createdAt} /> },
              { label: "Id", value: <Id value={webhook.id} length={36} /> },
            ]}
          />
          <Deliveries project={project} webhook={webhook} />
        </div>
      )}
    </Sheet>
  );
}

export function WebhookState({ webhook }: { webhook: WebhookDto }) {
  return <StatusBadge status={webhook.status === "ACTIVE" ? "active" : "paused"} />;
}

const STATES = [
  { value: "", label: "All deliveries" },
  { value: "failed", label: "Failed" },
  { value: "waiting", label: "Waiting" },
  { value: "delivered", label: "Delivered" },
];

function Deliveries({ project, webhook }: { project: string; webhook: WebhookDto }) {
  const [status, setStatus] = useState<DeliveryStatus | "">("");
  const query = useInfiniteQuery(deliveriesQuery(project, webhook.id, status));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.deliveries) ?? [], [query.data]);
  return (
    <section aria-label="Deliveries" className="space-y-2">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-sm font-medium">Deliveries</h3>
        <div className="w-40">
          <Select
            size="sm"
            aria-label="Which deliveries"
            value={status}
            onValueChange={(value) => setStatus(DeliveryStatus.safeParse(value).data ?? "")}
            options={STATES}
          />
        </div>
      </div>
      {query.isPending ? (
        <Skeleton className="h-40 w-full" />
      ) : query.error ? (
        <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState>
          {status === ""
            ? "Nothing was sent yet. It is told of what happens from now on; Test sends an example."
            : `No delivery is ${status}.`}
        </EmptyState>
      ) : (
        <ul className="divide-y rounded-md border bg-surface">
          {rows.map((row) => (
            <Delivery key={row.id} project={project} webhook={webhook} delivery={row} />
          ))}
        </ul>
      )}
      <LoadMore
        shown={rows.length}
        loading={query.isFetchingNextPage}
        onMore={query.hasNextPage ? () => void query.fetchNextPage() : null}
      />
    </section>
  );
}

/** What came of the attempts so far. */
function resultOf({ status, attempts, responseStatus, error }: WebhookDeliveryDto): string {
  if (attempts === 0) return status === "failed" ? (error ?? "not sent") : "not tried yet";
  const tried = status === "waiting" ? `${attempts} of ${MOST_ATTEMPTS} attempts` : plural(attempts, "attempt");
  const said = error ?? (responseStatus === null ? "" : `answered ${responseStatus}`);
  return said === "" ? tried : `${tried}: ${said}`;
}

/** While it waits: when it is tried next. Sent to the worker, and not yet back, it has no such time. */
function NextTry({ delivery }: { delivery: WebhookDeliveryDto }) {
  const { status, nextTryAt } = delivery;
  if (status !== "waiting") return null;
  return (
    <>
      {resultOf(delivery).endsWith(".") ? " " : ". "}
      Next try {nextTryAt === null ? "soon" : <Until at={nextTryAt} />}.
    </>
  );
}

function Delivery({
  project,
  webhook,
  delivery,
}: {
  project: string;
  webhook: WebhookDto;
  delivery: WebhookDeliveryDto;
}) {
  const [open, setOpen] = useState(false);
  const again = useMutation({
    mutationFn: () => sendAgain(project, webhook.id, delivery.id),
    onSuccess: () => toast.success("It is sent again."),
    onError: (error) => toast.error(error),
  });
  return (
    <li className="space-y-2 px-3 py-2 text-sm" data-delivery={delivery.id}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusBadge status={delivery.status === "delivered" ? "succeeded" : delivery.status} label={delivery.status} />
        <span className="min-w-0 flex-1 basis-56">
          <span className="font-mono text-xs">{delivery.event}</span>
          <span className="block text-xs break-words text-muted">
            {resultOf(delivery)}
            <NextTry delivery={delivery} />
          </span>
        </span>
        <span className="text-xs text-muted">
          <Time at={delivery.createdAt} />
        </span>
        {delivery.status === "failed" ? (
          <Button
            size="sm"
            loading={again.isPending}
            disabled={webhook.status !== "ACTIVE"}
            title={webhook.status === "ACTIVE" ? undefined : "Resume the webhook first."}
            onClick={() => again.mutate()}
          >
            Send again
          </Button>
        ) : null}
        <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide message" : "Message"}
        </Button>
      </div>
      {open ? (
        <div className="space-y-2">
          <CodeBlock title="Data of the message" code={JSON.stringify(delivery.data, null, 2)} wrap maxHeight={240} />
          <p className="text-xs text-muted">
            Delivery <Id value={delivery.id} length={36} />
            {delivery.settledAt === null ? null : (
              <>
                , settled <Time at={delivery.settledAt} />
              </>
            )}
          </p>
        </div>
      ) : null}
    </li>
  );
}
