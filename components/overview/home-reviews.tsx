import { ClipboardCheck } from "lucide-react";
import { TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import type { RequestSummary } from "#server/governance/contract.ts";
import type { Home, InProject } from "#server/overview/contract.ts";

/** The queue of a reviewer: what waits for their decision, oldest first, with its age and evidence. */
export function HomeReviews({ reviews }: { reviews: NonNullable<Home["reviews"]> }) {
  const { waiting, coming } = reviews;
  return (
    <Section
      title={
        waiting.length === 0
          ? "Waiting for your decision"
          : `Waiting for your decision: ${formatNumber(waiting.length)}`
      }
      description="Oldest first, over all your projects"
    >
      <Card padded={false}>
        {waiting.length === 0 ? (
          <EmptyState icon={<ClipboardCheck aria-hidden />} className="py-8">
            {coming.length === 0
              ? "No promotion request waits for you. When the checks of one pass, it appears here and in your inbox."
              : "Nothing to decide right now; the checks of the requests below still run."}
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {waiting.map((request) => (
              <RequestLine key={request.item.id} request={request} />
            ))}
          </ul>
        )}
      </Card>
      {coming.length === 0 ? null : (
        <Card title="Checks still run" padded={false}>
          <ul className="divide-y">
            {coming.map((request) => (
              <RequestLine key={request.item.id} request={request} />
            ))}
          </ul>
        </Card>
      )}
    </Section>
  );
}

/** One promotion request: what, in which state, with which evidence, and how old. */
export function RequestLine({ request: { project, item } }: { request: InProject<RequestSummary> }) {
  return (
    <li className="px-3 py-2 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <TextLink href={`/p/${project.slug}/reviews/${item.number}`} className="font-medium">
          {item.model} version {item.version}
        </TextLink>
        <StatusBadge status={item.status} />
        <span className="text-muted">
          {project.name} #{item.number}, {item.checks.passed} of {item.checks.total} checks passed, requested by{" "}
          {item.requestedBy}
        </span>
        <span className="ml-auto text-muted">
          <Time at={item.readyAt ?? item.createdAt} />
        </span>
      </div>
      {item.headline === null ? null : <p className="mt-0.5">{item.headline}</p>}
    </li>
  );
}
