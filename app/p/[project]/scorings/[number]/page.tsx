import type { Metadata } from "next";
import { ScoringPage } from "#components/serving/scoring-page.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { RefreshEvery } from "#components/ui/refresh-every.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { getScoring } from "#server/serving/index.ts";

interface Props {
  params: Promise<{ project: string; number: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Batch scoring ${(await params).number}` };
}

export default async function Page({ params }: Props) {
  const { project, number } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, scoring] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getScoring(actor, project, { number })]),
  );
  return (
    <>
      <LiveRefresh topics={["bulk"]} />
      {scoring.status === "running" ? <RefreshEvery seconds={5} /> : null}
      <ScoringPage project={project} scoring={scoring} scopes={scopes} />
    </>
  );
}
