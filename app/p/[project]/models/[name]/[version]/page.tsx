import type { Metadata } from "next";
import { VersionPage } from "#components/registry/version-page.tsx";
import { listRequests } from "#server/governance/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getVersion } from "#server/registry/index.ts";
import { listEndpoints } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; name: string; version: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `${decodeURIComponent(name)} v${decodeURIComponent(version)}` };
}

export default async function Page({ params }: Props) {
  const { project, name, version: number } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, version] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      getVersion(actor, project, { name: decodeURIComponent(name), version: decodeURIComponent(number) }),
    ]),
  );
  const [requests, endpoints] = await Promise.all([
    listRequests(actor, project, { versionId: version.id }),
    listEndpoints(actor, project, {}),
  ]);
  const serving = endpoints.filter((endpoint) => endpoint.live?.versionId === version.id);
  return (
    <VersionPage
      project={project}
      version={version}
      requests={requests}
      endpoints={serving.map((endpoint) => ({ name: endpoint.name, live: endpoint.health !== "stopped" }))}
      scopes={scopes}
    />
  );
}
