import type { Metadata } from "next";
import { ComparePage } from "#components/tracking/compare-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { LIMITS } from "#server/tracking/contract.ts";
import { findRunsToCompare, getRuns, listRunMarks } from "#server/tracking/index.ts";

export const metadata: Metadata = { title: "Compare runs" };

interface Props {
  params: Promise<{ project: string }>;
  searchParams: Promise<{ runs?: string; filter?: string; experiment?: string; order?: string; top?: string }>;
}

export default async function Page({ params, searchParams }: Props) {
  const { project } = await params;
  const { runs, filter, experiment, order, top } = await searchParams;
  const { actor } = await pageSession();
  const searched = runs === undefined && (filter !== undefined || experiment !== undefined || top !== undefined);
  const runIds = [...new Set((runs ?? "").split(",").filter((id) => id !== ""))];
  const [found, marks] = await orNotFound(() =>
    Promise.all([
      searched
        ? findRunsToCompare(actor, project, { filter, experiment, order, top })
        : getRuns(actor, project, { runIds: runIds.slice(0, LIMITS.runsPerComparison) }),
      listRunMarks(actor, project, {}),
    ]),
  );
  return <ComparePage project={project} found={found} asked={runIds.length} searched={searched} marks={marks} />;
}
