import { FolderPlus } from "lucide-react";
import { NewProjectDialog } from "#components/projects/parts/new-project-dialog.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Time } from "#components/ui/values.tsx";
import type { Home } from "#server/overview/contract.ts";
import { HomeAdministration } from "./home-administration.tsx";
import { HomeHealth } from "./home-health.tsx";
import { HomeReviews } from "./home-reviews.tsx";
import { HomeScience } from "./home-science.tsx";

/** What waits for this person and what they look after, by role; and their projects. */
export function HomePage({ home, name }: { home: Home; name: string }) {
  return (
    <>
      <LiveRefresh topics={["reviews", "pipelines", "endpoints", "monitors"]} />
      <PageHeader
        title={`Good to see you, ${name.split(" ")[0] ?? name}`}
        actions={home.mayCreateProject ? <NewProjectDialog /> : undefined}
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_340px]">
        <div className="min-w-0 space-y-6">
          {home.reviews === null ? null : <HomeReviews reviews={home.reviews} />}
          {home.science === null ? null : <HomeScience science={home.science} />}
          {home.health === null ? null : <HomeHealth health={home.health} projects={home.projects} />}
          {home.administration === null ? null : <HomeAdministration administration={home.administration} />}
        </div>
        <div className="min-w-0 space-y-4">
          <Projects home={home} />
          <InboxCard home={home} />
        </div>
      </div>
    </>
  );
}

function Projects({ home: { projects, mayCreateProject } }: { home: Home }) {
  return (
    <Card title="Your projects">
      {projects.length === 0 ? (
        <EmptyState icon={<FolderPlus aria-hidden />} className="py-6">
          {mayCreateProject
            ? "You belong to no project yet: create one, or ask a maintainer to add you."
            : "You belong to no project yet: ask a maintainer of one to add you."}
        </EmptyState>
      ) : (
        <ul className="space-y-2">
          {projects.map((project) => (
            <li key={project.id} className="text-sm">
              <span className="flex items-center justify-between gap-2">
                <TextLink href={`/p/${project.slug}`} className="truncate font-medium">
                  {project.name}
                </TextLink>
                <Badge>{project.role}</Badge>
              </span>
              {project.description === "" ? null : (
                <span className="line-clamp-2 text-xs text-muted">{project.description}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function InboxCard({ home: { inbox } }: { home: Home }) {
  return (
    <Card
      title={inbox.unread === 0 ? "Inbox" : `Inbox, ${inbox.unread} unread`}
      actions={
        <TextLink href="/inbox" className="text-xs">
          All of it
        </TextLink>
      }
    >
      {inbox.items.length === 0 ? (
        <p className="text-sm text-muted">Nothing waits for you.</p>
      ) : (
        <ul className="space-y-2 text-sm">
          {inbox.items.map((item) => (
            <li key={item.id}>
              <TextLink href={item.href} className={item.readAt === null ? "font-medium" : ""}>
                {item.title}
              </TextLink>
              <div className="text-xs text-muted">
                {item.project === null ? null : `${item.project.name}, `}
                <Time at={item.createdAt} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
