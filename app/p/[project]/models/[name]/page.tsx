import type { Metadata } from "next";
import { ModelPage } from "#components/registry/model-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getModel } from "#server/registry/index.ts";

interface Props {
  params: Promise<{ project: string; name: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Model ${decodeURIComponent((await params).name)}` };
}

export default async function Page({ params }: Props) {
  const { project, name } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, model] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getModel(actor, project, { name: decodeURIComponent(name) })]),
  );
  return <ModelPage project={project} model={model} scopes={scopes} />;
}
