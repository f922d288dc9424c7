import type { Metadata } from "next";
import { MonitorList } from "#components/monitoring/monitor-list.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { listMonitors } from "#server/monitoring/index.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Monitoring" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function MonitoringPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, { monitors, unwatched }] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), listMonitors(actor, project, {})]),
  );
  return (
    <>
      <LiveRefresh topics={["monitors", "endpoints"]} />
      <PageHeader title="Monitoring" count={monitors.length} />
      <MonitorList project={project} scopes={scopes} monitors={monitors} unwatched={unwatched} />
    </>
  );
}
