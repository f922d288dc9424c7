import { RunsBrowser } from "#components/tracking/runs-browser.tsx";
import { readState, ROWS_PER_PAGE, rootQuery, usualColumns } from "#components/tracking/runs-table/table-state.ts";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { can } from "#server/identity/contract.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { getProject } from "#server/projects/index.ts";
import { ListRunsInput } from "#server/tracking/contract.ts";
import { listExperiments, listKeys, listRuns } from "#server/tracking/index.ts";

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
  const [{ scopes }, experiments, keys] = await orNotFound(() =>
    Promise.all([
      getProject(actor, project, {}),
      listExperiments(actor, project, { view: "ALL" }),
      listKeys(actor, project, { ...ofExperiment, view: state.view, quick: true }),
    ]),
  );
  const columns = state.columns ?? usualColumns(keys, state);
  const wanted = { ...rootQuery(state, columns), maxResults: ROWS_PER_PAGE, offset: 0, count: true };
  // A filter that cannot be read is answered where it is typed, not by the whole page.
  const initial =
    state.group === "" && ListRunsInput.safeParse(wanted).success
      ? await listRuns(actor, project, ListRunsInput.parse(wanted)).catch((error: unknown) => {
          if (isAppError(error, "invalid_input")) return null;
          throw error;
        })
      : null;
  return (
    <>
      <PageHeader title="Experiments" count={experiments.filter((e) => e.lifecycleStage === "active").length} />
      <RunsBrowser
        project={project}
        experiments={experiments}
        keys={keys}
        initial={initial}
        writable={can(scopes, "tracking:write")}
      />
    </>
  );
}
