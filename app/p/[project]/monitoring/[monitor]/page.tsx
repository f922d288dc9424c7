import type { Metadata } from "next";
import { MonitorPage } from "#components/monitoring/monitor-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getMonitor } from "#server/monitoring/index.ts";
import { getProject } from "#server/projects/index.ts";

interface Props {
  params: Promise<{ project: string; monitor: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Monitor ${decodeURIComponent((await params).monitor)}` };
}

export default async function Page({ params }: Props) {
  const { project, monitor: name } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, monitor] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getMonitor(actor, project, { monitor: decodeURIComponent(name) })]),
  );
  return <MonitorPage project={project} monitor={monitor} scopes={scopes} />;
}
