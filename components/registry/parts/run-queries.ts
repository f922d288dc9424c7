import { queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import type { ModelDto, RegistrableDto, VersionDto } from "#server/registry/contract.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}${path}`;

/** What the reader may do in the project. */
export function scopesQuery(project: string) {
  return queryOptions({
    queryKey: [project, "projects", "scopes"],
    queryFn: async ({ signal }) => (await api<ProjectDto>(at(project, ""), { signal })).scopes,
    staleTime: 60_000,
  });
}

/** The versions that were registered from a run, newest first. */
export function versionsFromQuery(project: string, run: string) {
  return queryOptions({
    queryKey: [project, "models", "from", run],
    queryFn: ({ signal }) => api<readonly VersionDto[]>(at(project, `/runs/${run}/versions`), { signal }),
  });
}

/** What a run left that can become a version. */
export function registrableQuery(project: string, run: string) {
  return queryOptions({
    queryKey: [project, "runs", "registrable", run],
    queryFn: ({ signal }) => api<readonly RegistrableDto[]>(at(project, `/runs/${run}/registrable`), { signal }),
  });
}

export function modelNamesQuery(project: string) {
  return queryOptions({
    queryKey: [project, "models", "names"],
    queryFn: async ({ signal }) =>
      (await api<readonly ModelDto[]>(at(project, "/models"), { signal })).map((model) => model.name),
  });
}

export async function registerFromRun(
  project: string,
  model: string,
  wish: {
    readonly runId: string;
    readonly source: string;
    readonly loggedModelId?: string;
    readonly sha256?: string;
    readonly description: string;
  },
): Promise<VersionDto> {
  return await api<VersionDto>(at(project, `/models/${encodeURIComponent(model)}/versions`), { body: wish });
}
