import type { Metadata } from "next";
import { InboxPage } from "#components/inbox/inbox-page.tsx";
import { pageSession } from "#server/http/page.ts";
import { listInbox } from "#server/inbox/index.ts";

export const metadata: Metadata = { title: "Inbox" };
const STATES = ["open", "done", "all"] as const;

interface Props {
  searchParams: Promise<{ state?: string }>;
}

export default async function Page({ searchParams }: Props) {
  const asked = (await searchParams).state;
  const state = STATES.find((known) => known === asked) ?? "open";
  const { actor } = await pageSession();
  const { items, unread } = await listInbox(actor, { state, limit: 500 });
  return <InboxPage items={items} unread={unread} state={state} />;
}
