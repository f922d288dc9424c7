import type { Metadata } from "next";
import { EndpointPage } from "#components/serving/endpoint-page.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getEndpoint } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; name: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Endpoint ${decodeURIComponent((await params).name)}` };
}

export default async function Page({ params }: Props) {
  const { project, name } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, endpoint] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getEndpoint(actor, project, { name: decodeURIComponent(name) })]),
  );
  return (
    <>
      <LiveRefresh topics={["endpoints", "predictions"]} />
      <EndpointPage project={project} endpoint={endpoint} scopes={scopes} />
    </>
  );
}
