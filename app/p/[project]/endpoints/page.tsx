import { TableProperties } from "lucide-react";
import type { Metadata } from "next";
import { EndpointList } from "#components/serving/endpoint-list.tsx";
import { ServiceList } from "#components/serving/services/service-list.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { listModels } from "#server/registry/index.ts";
import { listEndpoints, listServices } from "#server/serving/index.ts";

export const metadata: Metadata = { title: "Endpoints" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function EndpointsPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, endpoints, models, services] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      listEndpoints(actor, project, {}),
      listModels(actor, project, {}),
      listServices(actor, project, {}),
    ]),
  );
  return (
    <>
      <LiveRefresh topics={["endpoints", "services"]} />
      <PageHeader
        title="Endpoints"
        count={endpoints.length}
        actions={
          <LinkButton href={`/p/${project}/scorings`} icon={<TableProperties aria-hidden />}>
            Batch scorings
          </LinkButton>
        }
      />
      <EndpointList
        project={project}
        endpoints={endpoints}
        models={models.map((model) => model.name)}
        scopes={scopes}
      />
      <div className="mt-8">
        <ServiceList project={project} services={services} scopes={scopes} />
      </div>
    </>
  );
}
