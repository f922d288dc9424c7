import type { Metadata } from "next";
import { DatasetList } from "#components/data/dataset-list.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { listDatasets } from "#server/data/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";

export const metadata: Metadata = { title: "Data" };

interface Props {
  params: Promise<{ project: string }>;
}

export default async function DataPage({ params }: Props) {
  const { project } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, datasets] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), listDatasets(actor, project, {})]),
  );
  return (
    <>
      <LiveRefresh topics={["datasets"]} />
      <PageHeader title="Data" count={datasets.length} />
      <DatasetList project={project} datasets={datasets} scopes={scopes} />
    </>
  );
}
