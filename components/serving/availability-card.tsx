"use client";

import { useQuery } from "@tanstack/react-query";
import type { AvailabilityDay } from "#server/serving/contract.ts";
import { Card } from "#components/ui/card.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatDate, formatExact, plural } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { availabilityQuery } from "./queries.ts";
import { probeTime, uptimeText } from "./words.ts";

/** Uptime of the last 30 days as probes found it, by day, with what is not known and what does not count. */
export function AvailabilityCard({ project, name }: { project: string; name: string }) {
  const query = useQuery(availabilityQuery(project, name));
  if (query.isPending) return <Skeleton className="h-40 w-full" />;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const { since, ok, slow, failed, excluded, unknown, uptime, lastFailure, days } = query.data;
  const probes = ok + slow + failed;
  return (
    <Card
      title="Availability"
      description={`Since ${formatDate(since)}, 30 days at most. Asked every 30 s through the public address.`}
    >
      <p>
        <span className="text-xl font-semibold" data-number>
          {uptimeText(uptime)}
        </span>{" "}
        <span className="text-sm text-muted">
          {uptime === null ? "no probe counts yet" : `up, of ${plural(probes, "probe")}`}
        </span>
      </p>
      <ol className="mt-3 flex h-8 items-stretch gap-0.5" aria-label="Uptime by day">
        {days.map((day) => (
          <li
            key={day.day}
            className={`min-w-0 flex-1 rounded-sm ${toneOf(day)}`}
            title={dayText(day)}
            aria-label={dayText(day)}
          />
        ))}
      </ol>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
        <Row name="Failed" value={failed === 0 ? "never" : `${plural(failed, "probe")}, about ${probeTime(failed)}`} />
        <Row name="Slow" value={slow === 0 ? "never" : `${plural(slow, "probe")} later than 1 s, counted as up`} />
        <Row name="Stopped" value={excluded === 0 ? "never" : `${probeTime(excluded)}, not counted`} />
        <Row
          name="Not known"
          value={unknown === 0 ? "nothing" : `${probeTime(unknown)} without a probe, not counted`}
        />
        {lastFailure ? <Row name="Last failure" value={`${formatExact(lastFailure.at)}: ${lastFailure.text}`} /> : null}
      </dl>
    </Card>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words" data-number>
        {value}
      </dd>
    </>
  );
}

function toneOf({ uptime, excluded }: AvailabilityDay): string {
  if (uptime === null) return excluded > 0 ? "border border-line-strong bg-surface" : "bg-raised";
  return uptime >= 0.999 ? "bg-good" : uptime >= 0.95 ? "bg-warn" : "bg-bad";
}

function dayText({ day, uptime, ok, slow, failed, excluded }: AvailabilityDay): string {
  if (uptime === null) return `${day}: ${excluded > 0 ? "stopped" : "not known"}`;
  return `${day}: ${uptimeText(uptime)} up of ${plural(ok + slow + failed, "probe")}`;
}
