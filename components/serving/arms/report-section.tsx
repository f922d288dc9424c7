"use client";

import { useQuery } from "@tanstack/react-query";
import type { ArmDto, EndpointDetail } from "#server/serving/contract.ts";
import { Section } from "#components/ui/card.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatDate } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { armsQuery, reportQuery } from "./arm-queries.ts";
import { ARM_NAMES, shareText } from "./arm-words.ts";
import { SplitReport } from "./split-report.tsx";

/** The report of the split that runs, or of one that ended; the chosen one is kept in the address. */
export function ReportSection({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const query = useQuery(armsQuery(project, endpoint.name));
  const [asked, setAsked] = useUrlState("split");
  if (query.isPending) return <Skeleton className="h-40 w-full" />;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const splits = query.data.filter((arm) => arm.kind !== "shadow");
  const chosen = splits.find((arm) => arm.id === asked) ?? splits[0];
  return (
    <Section
      title="What the split shows"
      description="Requests against the declared share, how they were answered, and what outcomes say of both sides."
      actions={
        splits.length > 1 && chosen ? (
          <Select
            className="w-80"
            aria-label="Split"
            value={chosen.id}
            onValueChange={(id) => setAsked(id === splits[0]?.id ? "" : id)}
            options={splits.map((arm) => ({ value: arm.id, label: nameOf(arm) }))}
          />
        ) : undefined
      }
    >
      {chosen ? (
        <Report key={chosen.id} project={project} name={endpoint.name} arm={chosen} />
      ) : (
        <p className="rounded-md border bg-surface px-4 py-6 text-center text-sm text-muted">
          No requests have been split here yet. An A/B or a canary gives a part of them to another version, and what
          that shows is reported here.
        </p>
      )}
    </Section>
  );
}

function Report({ project, name, arm }: { project: string; name: string; arm: ArmDto }) {
  const query = useQuery(reportQuery(project, name, arm.id, arm.state !== "ended"));
  if (query.isPending) return <Skeleton className="h-72 w-full" />;
  if (query.isError)
    return <ErrorNote title="There is no report yet" error={query.error} onRetry={() => void query.refetch()} />;
  return <SplitReport report={query.data} />;
}

function nameOf(arm: ArmDto): string {
  const when = arm.endedAt === null ? "runs" : `ended ${formatDate(arm.endedAt)}`;
  return `${ARM_NAMES[arm.kind]} of version ${arm.version}, ${shareText(arm.share)}, ${when}`;
}
