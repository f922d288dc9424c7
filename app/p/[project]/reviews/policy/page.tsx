import type { Metadata } from "next";
import { PolicyPage } from "#components/governance/policy-page.tsx";
import { listPolicies } from "#server/governance/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Promotion policy" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function Page({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, policies] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), listPolicies(actor, project, {})]),
  );
  return <PolicyPage project={project} policies={policies} scopes={scopes} />;
}
