import type { Metadata } from "next";
import { ServicePage } from "#components/serving/services/service-page.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getService } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; name: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Service ${decodeURIComponent((await params).name)}` };
}

export default async function Page({ params }: Props) {
  const { project, name } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, service] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getService(actor, project, { name: decodeURIComponent(name) })]),
  );
  return (
    <>
      <LiveRefresh topics={["services"]} />
      <ServicePage project={project} service={service} scopes={scopes} />
    </>
  );
}
