"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { splitCsv } from "./csv-rows.ts";
import { textQuery } from "./queries.ts";

/** How much of a text is fetched for a look at it. */
const MOST = 256 * 1024;
const ROWS = 200;

export type PreviewKind = "image" | "json" | "table" | "text" | "other";

const KINDS: Readonly<Record<string, PreviewKind>> = {
  png: "image",
  jpg: "image",
  jpeg: "image",
  gif: "image",
  webp: "image",
  svg: "image",
  bmp: "image",
  json: "json",
  csv: "table",
  tsv: "table",
};
const TEXT =
  /(^|\/)(mlmodel|[^/]*\.(txt|log|md|py|r|sql|ya?ml|toml|ini|cfg|sh|js|ts|html?|xml|jsonl|ipynb|diff|patch))$/i;

/** How a file can be looked at, by its name. */
export function kindOf(path: string): PreviewKind {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return KINDS[extension] ?? (TEXT.test(path) ? "text" : "other");
}

/** A look at a file: a picture, formatted JSON, the first rows of a table, or text. Nothing in it is ever run. */
export function ArtifactPreview(props: { project: string; address: string; path: string; sizeBytes: number }) {
  const kind = kindOf(props.path);
  if (props.sizeBytes === 0) return <EmptyState>The file is empty.</EmptyState>;
  if (kind === "other")
    return (
      <EmptyState>
        There is no preview for this kind of file. Download it, or read it with mlflow.artifacts.download_artifacts.
      </EmptyState>
    );
  if (kind === "image")
    return (
      <div className="grid place-items-center overflow-auto bg-white p-3">
        <img src={props.address} alt={props.path} className="max-h-[64vh] max-w-full" />
      </div>
    );
  return <TextPreview {...props} kind={kind} />;
}

function TextPreview(props: { project: string; address: string; path: string; sizeBytes: number; kind: PreviewKind }) {
  const query = useQuery(textQuery(props.project, props.address, props.sizeBytes, MOST));
  if (query.isPending)
    return (
      <div className="p-3">
        <Skeleton className="h-40 w-full" />
      </div>
    );
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const { text, cut } = query.data;
  return (
    <>
      {props.kind === "table" ? (
        <TablePreview text={text} separator={props.path.toLowerCase().endsWith(".tsv") ? "\t" : ","} cut={cut} />
      ) : (
        <pre tabIndex={0} className="max-h-[64vh] overflow-auto px-3 py-2.5 font-mono text-xs leading-5">
          {props.kind === "json" && !cut ? formatted(text) : text}
        </pre>
      )}
      {cut ? (
        <p className="border-t px-3 py-1.5 text-xs text-muted">
          The first {formatBytes(MOST)} of {formatBytes(props.sizeBytes)}. Download the file for all of it.
        </p>
      ) : null}
    </>
  );
}

/** JSON on several lines; what is none stays as it is. */
function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function TablePreview({ text, separator, cut }: { text: string; separator: string; cut: boolean }) {
  const rows = useMemo(() => splitCsv(text, separator, ROWS + 2), [text, separator]);
  // Of a text that was cut the last row may be half a row.
  const whole = cut && rows.length <= ROWS + 1 ? rows.slice(0, -1) : rows;
  const [head = [], ...body] = whole;
  return (
    <>
      <div className="max-h-[64vh] overflow-auto">
        <table className="w-full text-xs">
          <thead className="sticky top-0 bg-raised text-left text-muted">
            <tr>
              {head.map((cell, i) => (
                <th key={i} className="px-2.5 py-1.5 font-medium whitespace-nowrap">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.slice(0, ROWS).map((row, i) => (
              <tr key={i} className="border-t">
                {row.map((cell, j) => (
                  <td key={j} className="max-w-80 truncate px-2.5 py-1 font-mono">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {body.length > ROWS ? <p className="border-t px-3 py-1.5 text-xs text-muted">The first {ROWS} rows.</p> : null}
    </>
  );
}
