import type { Metadata } from "next";
import { RunsBrowser } from "#components/tracking/runs-browser.tsx";
import { readState, usualColumns } from "#components/tracking/runs-table/table-state.ts";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { can } from "#server/identity/contract.ts";
import { getProject } from "#server/projects/index.ts";
import { listExperiments, listKeys, listRunMarks } from "#server/tracking/index.ts";
import { firstRuns } from "./first-runs.ts";

export const metadata: Metadata = { title: "Experiments" };

interface Props {
  params: Promise<{ project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function ExperimentsPage({ params, searchParams }: Props) {
  const { project } = await params;
  const search = await searchParams;
  const { actor } = await pageSession();
  const state = readState({
    get: (name) => {
      const value = search[name];
      return typeof value === "string" ? value : null;
    },
  });
  const ofExperiment = state.experiment === null ? {} : { experiment: state.experiment };
  const [{ scopes }, experiments, keys, marks] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      listExperiments(actor, project, { view: "ALL" }),
      listKeys(actor, project, { ...ofExperiment, view: state.view, quick: true }),
      listRunMarks(actor, project, {}),
    ]),
  );
  const columns = state.columns ?? usualColumns(keys, state);
  const { initial, pinned } = await firstRuns(actor, project, { state, columns, marks });
  return (
    <>
      <PageHeader title="Experiments" count={experiments.filter((e) => e.lifecycleStage === "active").length} />
      <RunsBrowser
        project={project}
        experiments={experiments}
        keys={keys}
        initial={initial}
        pinned={pinned}
        marks={marks}
        writable={can(scopes, "tracking:write")}
      />
    </>
  );
}
