import { ProjectOverviewPage } from "#components/overview/project-overview.tsx";
import { MlflowLink } from "#components/tracking/parts/mlflow-link.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProjectOverview } from "#server/overview/index.ts";

interface Props {
  params: Promise<{ project: string }>;
}

/** What is live in the project, how well it does, and by whose approval. */
export default async function OverviewPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const overview = await orNotFound(() => getProjectOverview(actor, project, {}));
  return (
    <>
      <MlflowLink project={project} />
      <ProjectOverviewPage overview={overview} />
    </>
  );
}
