import { ModelPage } from "#components/registry/model-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getModel } from "#server/registry/index.ts";

interface Props {
  params: Promise<{ project: string; name: string }>;
}

export default async function Page({ params }: Props) {
  const { project, name } = await params;
  const { actor } = await pageSession();
  return (
    <ModelPage
      project={project}
      model={await orNotFound(() => getModel(actor, project, { name: decodeURIComponent(name) }))}
    />
  );
}
