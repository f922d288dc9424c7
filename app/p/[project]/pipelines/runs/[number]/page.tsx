import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RunPage } from "#components/pipelines/run-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getRun } from "#server/pipelines/index.ts";
import { getProject } from "#server/projects/index.ts";

interface Props {
  params: Promise<{ project: string; number: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).number}` };
}

export default async function PipelineRun({ params }: Props) {
  const { project, number } = await params;
  if (!/^\d{1,9}$/.test(number)) notFound();
  const { actor } = await pageSession();
  const [{ scopes }, run] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getRun(actor, project, { number })]),
  );
  return <RunPage project={project} initial={run} scopes={scopes} />;
}
