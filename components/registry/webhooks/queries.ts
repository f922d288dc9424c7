import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type {
  DeliveryStatus,
  WebhookDeliveriesPage,
  WebhookDto,
  WebhookEvent,
  WebhookHealthDto,
  WebhookTestResult,
} from "#server/registry/contract.ts";

const at = (project: string, path = ""): string => `/api/v1/projects/${encodeURIComponent(project)}/webhooks${path}`;

export function webhooksQuery(project: string) {
  return queryOptions({
    queryKey: [project, "webhooks", "list"],
    queryFn: ({ signal }) => api<readonly WebhookDto[]>(at(project), { query: { limit: 1000 }, signal }),
  });
}

/** How each webhook fared in the last week. */
export function webhookHealthQuery(project: string) {
  return queryOptions({
    queryKey: [project, "webhooks", "health"],
    queryFn: ({ signal }) => api<readonly WebhookHealthDto[]>(at(project, "/health"), { signal }),
  });
}

export function deliveriesQuery(project: string, webhook: string, status: DeliveryStatus | "") {
  return infiniteQueryOptions({
    queryKey: [project, "webhooks", "deliveries", webhook, status],
    queryFn: ({ pageParam, signal }) =>
      api<WebhookDeliveriesPage>(at(project, `/${webhook}/deliveries`), {
        query: { ...(status === "" ? {} : { status }), ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // The queue sets the time of the next attempt just after an attempt was told of.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.deliveries.some((one) => one.status === "waiting")) ? 3000 : false,
  });
}

/** What a form of a webhook sends; a field that is left out stays as it is. */
export interface WebhookWish {
  readonly name?: string;
  readonly url?: string;
  readonly description?: string;
  readonly events?: readonly WebhookEvent[];
  /** Empty ends the signing. */
  readonly secret?: string;
  readonly status?: WebhookDto["status"];
}

export async function saveWebhook(project: string, id: string | null, wish: WebhookWish): Promise<WebhookDto> {
  return id === null
    ? await api<WebhookDto>(at(project), { body: wish })
    : await api<WebhookDto>(at(project, `/${id}`), { method: "PATCH", body: wish });
}

export async function removeWebhook(project: string, id: string): Promise<void> {
  await api(at(project, `/${id}`), { method: "DELETE" });
}

export async function tryWebhook(project: string, id: string, event: WebhookEvent): Promise<WebhookTestResult> {
  return await api<WebhookTestResult>(at(project, `/${id}/test`), { body: { event } });
}

export async function sendAgain(project: string, id: string, delivery: string): Promise<void> {
  await api(at(project, `/${id}/deliveries/${delivery}/redelivery`), { method: "POST" });
}
