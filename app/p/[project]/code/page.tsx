import type { Metadata } from "next";
import { CodePage } from "#components/code/code-page.tsx";
import { can } from "#server/identity/contract.ts";
import { gitUrl, orNotFound, pageSession } from "#server/http/page.ts";
import { getTree } from "#server/code/index.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Code" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function Page({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getTree(actor, project, {})]),
  );
  return (
    <CodePage
      project={project}
      readOnly={!can(scopes, "code:write")}
      mayRun={can(scopes, "pipelines:run")}
      mayPublish={can(scopes, "serving:write")}
      cloneUrl={gitUrl(project)}
    />
  );
}
