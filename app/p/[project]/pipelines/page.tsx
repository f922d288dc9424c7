import type { Metadata } from "next";
import { PipelinesPage } from "#components/pipelines/pipelines-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { listPipelines, listRuns } from "#server/pipelines/index.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Pipelines" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function Pipelines({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, files, runs] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      listPipelines(actor, project, {}),
      listRuns(actor, project, { limit: 200 }),
    ]),
  );
  return <PipelinesPage project={project} files={files} runs={runs} scopes={scopes} />;
}
