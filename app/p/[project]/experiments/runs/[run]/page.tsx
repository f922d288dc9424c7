import type { Metadata } from "next";
import { cache } from "react";
import { RunPage } from "#components/tracking/run-page.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { can } from "#server/identity/contract.ts";
import { getProject } from "#server/projects/index.ts";
import { listVersionsFrom } from "#server/registry/index.ts";
import { TAGS } from "#server/tracking/contract.ts";
import { getRun, getRuns, listModelsOfRun, listNestedRuns } from "#server/tracking/index.ts";

interface Props {
  params: Promise<{ project: string; run: string }>;
}

/** The run, read once for the page and its title. */
const runOf = cache(async (project: string, runId: string) => {
  const { actor } = await pageSession();
  return await orNotFound(() => getRun(actor, project, { runId }));
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { project, run } = await params;
  return { title: (await runOf(project, run)).name };
}

export default async function Page({ params }: Props) {
  const { project, run: runId } = await params;
  const { actor } = await pageSession();
  const [{ scopes }, run] = await Promise.all([
    orNotFound(() => getProject(actor, project, {})),
    runOf(project, runId),
  ]);
  const parentId = run.tags.find((tag) => tag.key === TAGS.parentRun)?.value;
  const [models, versions, nested, parents] = await Promise.all([
    listModelsOfRun(actor, project, { runId }),
    listVersionsFrom(actor, project, { runId }),
    listNestedRuns(actor, project, { runId }),
    getRuns(actor, project, { runIds: parentId ? [parentId] : [] }),
  ]);
  const [parent] = parents;
  return (
    <RunPage
      project={project}
      run={run}
      may={{
        write: can(scopes, "tracking:write"),
        reproduce: can(scopes, "pipelines:run"),
        fork: can(scopes, "code:write"),
        register: can(scopes, "registry:write"),
      }}
      lineage={{
        models,
        versions: versions.map(({ model, version, aliases }) => ({ model, version, aliases })),
        nested,
        parent: parent ? { id: parent.id, name: parent.name } : null,
      }}
    />
  );
}
