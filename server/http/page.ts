import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { type Actor, actorOfSession } from "#server/identity/index.ts";
import { listInbox } from "#server/inbox/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { env } from "#server/platform/env.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import { listProjects } from "#server/projects/index.ts";
import { sessionCookie } from "./caller.ts";
import { refreshedRoles } from "./session-refresh.ts";

export interface PageSession {
  readonly actor: Actor;
  readonly person: {
    readonly id: string;
    readonly handle: string;
    readonly name: string;
    readonly email: string;
    readonly platformRoles: readonly string[];
  };
  readonly projects: readonly ProjectDto[];
  readonly inboxUnread: number;
  readonly environment: "development" | "production";
}

/** The signed-in person, once per request; redirects to the sign-in page without one. */
export const pageSession = cache(async (): Promise<PageSession> => {
  const head = await headers();
  const path = head.get("x-path") ?? "/";
  const cookie = sessionCookie(head.get("cookie"));
  const requestId = head.get("x-request-id") ?? uuidv7();
  const found = cookie ? await actorOfSession(cookie, requestId) : null;
  if (!found?.userId) redirect(`/login?callbackUrl=${encodeURIComponent(path)}`);
  await refreshedRoles(found.userId);
  const { email, handle, ...actor } = found;
  const [projects, inbox] = await Promise.all([listProjects(actor, {}), listInbox(actor, { limit: 1 })]);
  const person = { id: found.userId, handle, name: actor.name, email, platformRoles: actor.platformRoles };
  return { actor, person, projects, inboxUnread: inbox.unread, environment: env().TOUCHSTONE_ENV };
});

/** Runs a read for a page: what is missing, foreign or forbidden shows the not-found page, which says both. */
export async function orNotFound<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error, "not_found", "forbidden")) notFound();
    throw error;
  }
}

/** The address from which a project's repository is cloned. */
export function gitUrl(project: string): string {
  return `${env().appUrl}/git/${project}.git`;
}
