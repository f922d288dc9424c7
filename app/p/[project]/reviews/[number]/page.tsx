import type { Metadata } from "next";
import { RequestPage } from "#components/governance/request-page.tsx";
import { getRequest } from "#server/governance/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getRollout } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; number: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Review ${(await params).number}` };
}

export default async function Page({ params }: Props) {
  const { project, number } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, request, rollout] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      getRequest(actor, project, { number: /^\d+$/.test(number) ? number : 0x7fffffff }),
      getRollout(actor, project, { number: /^\d+$/.test(number) ? number : 0x7fffffff }),
    ]),
  );
  return <RequestPage project={project} request={request} rollout={rollout} scopes={scopes} />;
}
