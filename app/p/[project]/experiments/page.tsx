import { RunsBrowser } from "#components/tracking/runs-browser.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { orNotFound, pageSession } from "#server/http/page.ts";
import { can } from "#server/identity/contract.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { getProject } from "#server/projects/index.ts";
import { ViewType } from "#server/tracking/contract.ts";
import { listExperiments, listRuns } from "#server/tracking/index.ts";

interface Props {
  params: Promise<{ project: string }>;
  searchParams: Promise<{ experiment?: string; filter?: string; view?: string }>;
}

export default async function ExperimentsPage({ params, searchParams }: Props) {
  const { project } = await params;
  const search = await searchParams;
  const { actor } = await pageSession();
  const view = ViewType.safeParse(search.view);
  const wanted = {
    experiment: /^\d{1,9}$/.test(search.experiment ?? "") ? Number(search.experiment) : null,
    filter: search.filter ?? "",
    view: view.success ? view.data : ("ACTIVE_ONLY" as const),
  };
  const [{ scopes }, experiments] = await orNotFound(() =>
    Promise.all([getProject(actor, project, {}), listExperiments(actor, project, { view: "ALL" })]),
  );
  const { experiment, ...rest } = wanted;
  // A filter that cannot be read is answered where it is typed, not by the whole page.
  const initial = await listRuns(actor, project, { ...rest, ...(experiment === null ? {} : { experiment }) }).catch(
    (error: unknown) => {
      if (isAppError(error, "invalid_input")) return null;
      throw error;
    },
  );
  return (
    <>
      <PageHeader title="Experiments" count={experiments.filter((e) => e.lifecycleStage === "active").length} />
      <RunsBrowser
        project={project}
        experiments={experiments}
        wanted={wanted}
        initial={initial}
        writable={can(scopes, "tracking:write")}
      />
    </>
  );
}
