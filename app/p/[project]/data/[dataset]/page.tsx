import type { Metadata } from "next";
import { DatasetPage } from "#components/data/dataset-page.tsx";
import { getDataset, getDatasetVersion } from "#server/data/index.ts";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { getProject } from "#server/projects/index.ts";
import { listVersionsFrom } from "#server/registry/index.ts";

interface Props {
  params: Promise<{ project: string; dataset: string }>;
  searchParams: Promise<{ version?: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Dataset ${decodeURIComponent((await params).dataset)}` };
}

export default async function Page({ params, searchParams }: Props) {
  const { project, dataset: name } = await params;
  const { version: wanted } = await searchParams;
  const { actor } = await pageSession();
  const [{ scopes }, dataset] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), getDataset(actor, project, { dataset: name })]),
  );
  const version = dataset.latest
    ? await orNotFound(() => getDatasetVersion(actor, project, { dataset: name, version: wanted }))
    : null;
  const models = version ? await listVersionsFrom(actor, project, { datasetVersionId: version.id }) : [];
  return (
    <DatasetPage
      project={project}
      dataset={dataset}
      version={version}
      scopes={scopes}
      models={models.map((m) => ({ name: m.model, version: m.version }))}
    />
  );
}
