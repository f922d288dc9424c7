import type { Metadata } from "next";
import { ModelList } from "#components/registry/model-list.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { listModels } from "#server/registry/index.ts";

export const metadata: Metadata = { title: "Models" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function ModelsPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const models = await orNotFound(() => listModels(actor, project, {}));
  return (
    <>
      <LiveRefresh topics={["models"]} />
      <PageHeader title="Models" count={models.length} />
      <ModelList project={project} models={models} />
    </>
  );
}
