import { TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { formatDuration, formatNumber, formatRelative, plural } from "#components/ui/format.ts";
import { Stat } from "#components/ui/stat.tsx";
import { Time } from "#components/ui/values.tsx";
import type { Home } from "#server/overview/contract.ts";

/** What an administrator looks after, in four numbers, and what happened last. */
export function HomeAdministration({ administration }: { administration: NonNullable<Home["administration"]> }) {
  const { workers, queues, people, audit } = administration;
  const running = workers.filter((worker) => worker.state === "running");
  const silent = workers.filter((worker) => worker.state === "silent").length;
  const ready = queues.reduce((sum, queue) => sum + queue.ready, 0);
  const failed = queues.reduce((sum, queue) => sum + queue.failed, 0);
  const oldest = Math.max(0, ...queues.map((queue) => queue.oldestMs ?? 0));
  const lastSeen = people
    .flatMap((person) => person.lastSeenAt ?? [])
    .sort()
    .at(-1);
  return (
    <Section
      title="Platform"
      actions={
        <TextLink href="/control-plane" className="text-sm">
          Control plane
        </TextLink>
      }
    >
      <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-4">
        <Stat
          label="Workers running"
          value={formatNumber(running.length)}
          unit={silent === 0 ? [...new Set(running.flatMap((worker) => worker.roles))].join(", ") : `${silent} silent`}
        />
        <Stat
          label="Jobs waiting"
          value={formatNumber(ready)}
          unit={ready === 0 ? "" : `oldest ${formatDuration(oldest)}`}
        />
        <Stat label="Jobs failed" value={formatNumber(failed)} unit="still kept" />
        <Stat
          label="People"
          value={formatNumber(people.length)}
          unit={lastSeen === undefined ? "" : `last seen ${formatRelative(lastSeen)}`}
        />
      </div>
      <Card
        title="What happened last"
        actions={
          <TextLink href="/audit" className="text-xs">
            Audit
          </TextLink>
        }
      >
        {audit.length === 0 ? (
          <p className="text-sm text-muted">Nothing was recorded yet.</p>
        ) : (
          <ul aria-label={plural(audit.length, "event")} className="space-y-1.5 text-sm">
            {audit.map((event) => (
              <li key={event.id} className="flex flex-wrap gap-x-2">
                <span className="min-w-0 flex-1">{event.summary}</span>
                <span className="text-muted">
                  {event.project === null ? "" : `${event.project.name}, `}
                  <Time at={event.at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </Section>
  );
}
