import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { countWaiting } from "#server/overview/index.ts";

type Props = { children: ReactNode; params: Promise<{ project: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { project: slug } = await params;
  const { projects } = await pageSession();
  const name = projects.find((project) => project.slug === slug)?.name ?? "Not found";
  return { title: { default: name, template: `%s · ${name} · Touchstone` } };
}

/** The frame of a project's pages. It guards nothing: every page and route asks for its own permission. */
export default async function ProjectLayout({ children, params }: Props) {
  const { project: slug } = await params;
  const { actor, person, projects, inboxUnread, environment } = await pageSession();
  if (!projects.some((project) => project.slug === slug)) notFound();
  const waiting = await orNotFound(() => countWaiting(actor, slug, {}));
  return (
    <AppShell
      person={person}
      projects={projects}
      project={slug}
      inboxUnread={inboxUnread}
      environment={environment}
      waiting={waiting}
    >
      {children}
    </AppShell>
  );
}
