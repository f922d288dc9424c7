import { queryOptions } from "@tanstack/react-query";
import { api, withQuery } from "#components/ui/api.ts";
import type { ModelSignature } from "#server/registry/contract.ts";
import type { ArtifactEntryDto, TablePreviewDto } from "#server/tracking/contract.ts";

/** Whose files are meant: a run's own, or those of a model that it logged. */
export interface FilesOf {
  readonly project: string;
  readonly run: string;
  /** null: the run's own files. */
  readonly model: string | null;
}

export interface FilePlace extends FilesOf {
  readonly path: string;
}

const runAddress = ({ project, run }: FilesOf): string =>
  `/api/v1/projects/${encodeURIComponent(project)}/runs/${encodeURIComponent(run)}`;
const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** One folder of the files; `path` "" is the whole. */
export function folderQuery(place: FilePlace) {
  const { project, run, model, path } = place;
  return queryOptions({
    queryKey: [project, "runs", "artifacts", run, model, path],
    queryFn: ({ signal }) =>
      api<ArtifactEntryDto[]>(`${runAddress(place)}/artifacts`, { query: { model, path }, signal }),
  });
}

/** Where a file is fetched from; with `view` to be shown by itself instead of saved. */
export function fileAddress(place: FilePlace, view = false): string {
  return withQuery(`${runAddress(place)}/files/${encoded(place.path)}`, { model: place.model, view: view ? 1 : null });
}

/** Where a folder is fetched from as a zip; `models` adds those of the run. */
export function zipAddress(place: FilePlace, models = false): string {
  const { model, path } = place;
  return withQuery(`${runAddress(place)}/zip`, { model, path, models: models ? 1 : null });
}

/** The first rows of a table file. `sizeBytes` is part of the key: a file that was written anew is read anew. */
export function tableQuery(place: FilePlace, sizeBytes: number) {
  const { project, run, model, path } = place;
  return queryOptions({
    queryKey: [project, "runs", "table", run, model, path, sizeBytes],
    queryFn: ({ signal }) =>
      api<TablePreviewDto>(`${runAddress(place)}/table/${encoded(path)}`, { query: { model }, signal }),
    staleTime: 60_000,
    retry: false,
  });
}

/** What an ONNX file takes and gives. */
export function onnxQuery(place: FilePlace) {
  const { project, run, model, path } = place;
  return queryOptions({
    queryKey: [project, "runs", "onnx", run, model, path],
    queryFn: ({ signal }) =>
      api<ModelSignature>(`${runAddress(place)}/onnx/${encoded(path)}`, { query: { model }, signal }),
    staleTime: 60_000,
    retry: false,
  });
}

/** The beginning of a text file; `cut` when there is more. */
export function textQuery(project: string, address: string, sizeBytes: number, most: number) {
  return queryOptions({
    queryKey: [project, "runs", "file", address, sizeBytes, most],
    queryFn: async ({ signal }) => {
      const headers: Record<string, string> = sizeBytes > most ? { range: `bytes=0-${most - 1}` } : {};
      const response = await fetch(address, { signal, headers });
      if (!response.ok) throw new Error(`The file could not be read (${response.status}).`);
      return { text: await response.text(), cut: sizeBytes > most };
    },
    staleTime: Infinity,
  });
}
