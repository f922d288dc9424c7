import { queryOptions } from "@tanstack/react-query";
import type { CommitDetail, CommitDto, FileDiff, FileDto, WorkspaceDto } from "#server/code/contract.ts";
import { api } from "#components/ui/api.ts";

const base = (project: string): string => `/api/v1/projects/${project}/code`;

/** The caller's draft of a branch. */
export const workspaceQuery = (project: string, branch: string) =>
  queryOptions({
    queryKey: [project, "code", "workspace", branch],
    queryFn: ({ signal }) => api<WorkspaceDto>(`${base(project)}/workspace`, { query: { branch }, signal }),
  });

/** The files of a branch for those who only read. */
export const treeQuery = (project: string, ref: string) =>
  queryOptions({
    queryKey: [project, "code", "tree", ref],
    queryFn: ({ signal }) =>
      api<{ commit: string; paths: string[]; branches: string[] }>(`${base(project)}/tree`, { query: { ref }, signal }),
  });

export const historyQuery = (project: string, ref: string, path?: string) =>
  queryOptions({
    queryKey: [project, "code", "history", ref, path ?? ""],
    queryFn: ({ signal }) =>
      api<{ commits: CommitDto[] }>(`${base(project)}/commits`, { query: { ref, ...(path ? { path } : {}) }, signal }),
  });

export const commitQuery = (project: string, commit: string) =>
  queryOptions({
    queryKey: [project, "commit", commit],
    queryFn: ({ signal }) => api<CommitDetail>(`${base(project)}/commits/${commit}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const commitDiffQuery = (project: string, commit: string, path: string, from: string | null) =>
  queryOptions({
    queryKey: [project, "commit", commit, path],
    queryFn: ({ signal }) =>
      api<FileDiff>(`${base(project)}/commits/${commit}/diff`, { query: { path, ...(from ? { from } : {}) }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const diffBetweenQuery = (project: string, from: string, to: string, path: string) =>
  queryOptions({
    queryKey: [project, "commit", to, path, from],
    queryFn: ({ signal }) =>
      api<FileDiff>(`${base(project)}/commits/${to}/diff`, { query: { path, against: from }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const draftDiffQuery = (project: string, branch: string, path: string) =>
  queryOptions({
    queryKey: [project, "code", "draft-diff", branch, path],
    queryFn: ({ signal }) => api<FileDiff>(`${base(project)}/draft-diff`, { query: { branch, path }, signal }),
    staleTime: 0,
  });

/** One file: of the draft with its ETag, or for readers as it is on the branch. */
export async function fetchFile(project: string, branch: string, path: string, readOnly: boolean): Promise<FileDto> {
  if (!readOnly) return await api<FileDto>(`${base(project)}/file`, { query: { branch, path } });
  const { text, sizeBytes } = await api<{ text: string | null; sizeBytes: number }>(`${base(project)}/blob`, {
    query: { ref: branch, path },
  });
  return { path, blob: "", sizeBytes, text };
}

/** Acts on the draft. */
export const draft = {
  remove: (project: string, branch: string, path: string) =>
    api(`${base(project)}/file`, { method: "DELETE", query: { branch, path } }),
  move: (project: string, branch: string, path: string, to: string) =>
    api(`${base(project)}/move`, { body: { branch, path, to } }),
  discard: (project: string, branch: string, paths: readonly string[]) =>
    api(`${base(project)}/discard`, { body: { branch, paths } }),
  commit: (project: string, branch: string, message: string, paths: readonly string[]) =>
    api<{ commit: string }>(`${base(project)}/commits`, { body: { branch, message, paths } }),
  branch: (project: string, name: string, from: string) =>
    api<{ branch: string }>(`${base(project)}/branches`, { body: { name, from } }),
};
