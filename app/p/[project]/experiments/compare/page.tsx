import { ComparePage } from "#components/tracking/compare-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getRuns } from "#server/tracking/index.ts";

interface Props {
  params: Promise<{ project: string }>;
  searchParams: Promise<{ runs?: string }>;
}

export default async function Page({ params, searchParams }: Props) {
  const { project } = await params;
  const { runs = "" } = await searchParams;
  const { actor } = await pageSession();
  const runIds = [...new Set(runs.split(",").filter((id) => id !== ""))].slice(0, 50);
  const found = await orNotFound(() => getRuns(actor, project, { runIds }));
  return <ComparePage project={project} found={found} asked={runIds.length} />;
}
