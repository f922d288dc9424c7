import { queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { MemberDto, PersonDto, TokenDto } from "#server/identity/contract.ts";
import type { OwnUsage } from "#server/serving/contract.ts";

const base = (project: string): string => `/api/v1/projects/${project}`;

export function projectMembers(project: string, initialData: readonly MemberDto[]) {
  return queryOptions({
    queryKey: [project, "projects", "members"],
    queryFn: ({ signal }) => api<readonly MemberDto[]>(`${base(project)}/members`, { signal }),
    initialData,
  });
}

export function projectTokens(project: string, initialData: readonly TokenDto[]) {
  return queryOptions({
    queryKey: [project, "tokens"],
    queryFn: ({ signal }) => api<readonly TokenDto[]>(`${base(project)}/tokens`, { signal }),
    initialData,
  });
}

/** What the tokens of a project asked its endpoints for lately. */
export function tokenUsage(project: string) {
  return queryOptions({
    queryKey: [project, "tokens", "usage"],
    queryFn: ({ signal }) => api<readonly OwnUsage[]>(`${base(project)}/tokens/usage`, { signal }),
  });
}

/** People who have signed in and whose name, handle or e-mail holds the text. */
export function peopleLike(project: string, text: string) {
  return queryOptions({
    queryKey: [project, "people", text],
    queryFn: ({ signal }) => api<readonly PersonDto[]>(`${base(project)}/people`, { query: { query: text }, signal }),
  });
}
