"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { JsonTree } from "./artifact-json.tsx";
import { kindOf, type PreviewKind } from "./artifact-kinds.ts";
import { NotebookView } from "./artifact-notebook.tsx";
import { OnnxView } from "./artifact-onnx.tsx";
import { TableView } from "./artifact-table.tsx";
import { TextView } from "./artifact-text.tsx";
import { Markdown } from "./parts/markdown.tsx";
import { type FilePlace, fileAddress, textQuery } from "./artifact-queries.ts";
import { UnshownFile } from "./parts/unshown-file.tsx";

/** How much of a file is fetched for a look at it, by its kind. */
const MOST: Partial<Record<PreviewKind, number>> = { json: 2 * 2 ** 20, notebook: 16 * 2 ** 20, markdown: 2 ** 20 };
const MOST_TEXT = 512 * 1024;
/** A picture above this would be decoded to gigabytes. */
const MOST_PICTURE = 50 * 2 ** 20;

/** A look at a file. What could run in it does so in an origin of its own, or not at all; only its beginning is fetched when it is large. */
export function ArtifactPreview({ place, sizeBytes }: { place: FilePlace; sizeBytes: number }) {
  const kind = kindOf(place.path);
  const address = fileAddress(place);
  const view = fileAddress(place, true);
  if (sizeBytes === 0) return <EmptyState>The file is empty.</EmptyState>;
  switch (kind) {
    case "image":
      return sizeBytes > MOST_PICTURE ? (
        <NoPreview why="The picture is too large to be shown here." />
      ) : (
        <Picture address={address} name={place.path} />
      );
    case "table":
      return <TableView place={place} sizeBytes={sizeBytes} />;
    case "audio":
      return (
        <div className="p-4">
          <audio controls preload="metadata" src={address} className="w-full" aria-label={place.path} />
        </div>
      );
    case "video":
      return (
        <video
          controls
          preload="metadata"
          src={address}
          className="max-h-[64vh] w-full bg-black"
          aria-label={place.path}
        />
      );
    case "page":
      return (
        <>
          <iframe
            title={place.path}
            src={view}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            className="h-[64vh] w-full bg-white"
          />
          <p className="border-t px-3 py-1.5 text-xs text-muted">
            Shown in a sandbox: its scripts see neither this page nor your session. <Beside address={view} />
          </p>
        </>
      );
    case "pdf":
      return (
        <>
          <iframe title={place.path} src={view} className="h-[70vh] w-full bg-white" />
          <p className="border-t px-3 py-1.5 text-xs text-muted">
            Nothing to see? Your browser shows no PDF in pages. <Beside address={view} />
          </p>
        </>
      );
    case "onnx":
      return <OnnxView place={place} />;
    case "other":
      return <NoPreview why="There is no preview for this kind of file." />;
    default:
      return <TextPreview place={place} sizeBytes={sizeBytes} kind={kind} />;
  }
}

function Beside({ address }: { address: string }) {
  return (
    <a href={address} target="_blank" rel="noreferrer" className="underline underline-offset-2">
      Open it by itself
    </a>
  );
}

function NoPreview({ why }: { why: string }) {
  return <EmptyState>{why} Download it, or read it with mlflow.artifacts.download_artifacts.</EmptyState>;
}

function Picture({ address, name }: { address: string; name: string }) {
  const [whole, setWhole] = useState(true);
  const [size, setSize] = useState("");
  const [broken, setBroken] = useState(false);
  if (broken) return <NoPreview why="This browser cannot show the picture." />;
  return (
    <>
      <button
        type="button"
        aria-label={whole ? "Show at its own size" : "Fit into the page"}
        className={`grid max-h-[66vh] w-full place-items-center overflow-auto bg-white p-3 ${whole ? "cursor-zoom-in" : "cursor-zoom-out"}`}
        onClick={() => setWhole(!whole)}
      >
        <img
          src={address}
          alt={name}
          decoding="async"
          className={whole ? "max-h-[62vh] max-w-full" : "max-w-none"}
          onLoad={(event) => setSize(`${event.currentTarget.naturalWidth} × ${event.currentTarget.naturalHeight}`)}
          onError={() => setBroken(true)}
        />
      </button>
      {size === "" ? null : <p className="border-t px-3 py-1.5 text-xs text-muted">{size} pixels</p>}
    </>
  );
}

type TextKind = "json" | "markdown" | "notebook" | "text";

function TextPreview({ place, sizeBytes, kind }: { place: FilePlace; sizeBytes: number; kind: TextKind }) {
  const most = MOST[kind] ?? MOST_TEXT;
  // Of what must be read whole to be drawn, a beginning is shown as the text it is.
  const drawn: TextKind = sizeBytes > most && kind !== "markdown" ? "text" : kind;
  const query = useQuery(textQuery(place.project, fileAddress(place), sizeBytes, drawn === kind ? most : MOST_TEXT));
  if (query.isPending)
    return (
      <div className="p-3">
        <Skeleton className="h-40 w-full" />
      </div>
    );
  if (query.error) return <UnshownFile query={query} />;
  const { text, cut } = query.data;
  return (
    <>
      <TextBody text={text} kind={drawn} place={place} sizeBytes={sizeBytes} />
      {cut ? (
        <p className="flex flex-wrap items-center gap-2 border-t px-3 py-1.5 text-xs text-muted">
          The first {formatBytes(drawn === kind ? most : MOST_TEXT)} of {formatBytes(sizeBytes)}. Download the file for
          all of it.
        </p>
      ) : null}
    </>
  );
}

function TextBody({
  text,
  kind,
  place,
  sizeBytes,
}: {
  text: string;
  kind: TextKind;
  place: FilePlace;
  sizeBytes: number;
}) {
  const resolve = (address: string): string | null => nearby(place, address);
  if (kind === "json") return <JsonBody text={text} place={place} sizeBytes={sizeBytes} />;
  if (kind === "notebook") return <NotebookView text={text} resolve={resolve} />;
  if (kind === "markdown")
    return (
      <div tabIndex={0} role="region" aria-label="Text" className="max-h-[70vh] overflow-auto px-4 py-3">
        <Markdown text={text} resolve={resolve} />
      </div>
    );
  return <TextView text={text} />;
}

function JsonBody({ text, place, sizeBytes }: { text: string; place: FilePlace; sizeBytes: number }) {
  const parsed = useMemo((): { value: unknown } | null => {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return null;
    }
  }, [text]);
  const [asTree, setAsTree] = useState(false);
  if (!parsed) return <TextView text={text} />;
  const value = parsed.value as { columns?: unknown; data?: unknown } | null;
  const table =
    typeof value === "object" && value !== null && Array.isArray(value.columns) && Array.isArray(value.data);
  if (!table) return <JsonTree value={parsed.value} />;
  return (
    <>
      <div className="flex justify-end border-b px-2 py-1">
        <button
          type="button"
          className="rounded-sm px-1.5 text-xs text-muted hover:text-text"
          onClick={() => setAsTree(!asTree)}
        >
          {asTree ? "Show as a table" : "Show as JSON"}
        </button>
      </div>
      {asTree ? <JsonTree value={parsed.value} /> : <TableView place={place} sizeBytes={sizeBytes} />}
    </>
  );
}

/** The address of a picture that a text names relative to itself, among the same files; null for anything outside them. */
function nearby(place: FilePlace, address: string): string | null {
  if (/^data:image\/(png|jpeg|gif|webp);/.test(address)) return address;
  if (/^[a-z][a-z0-9+.-]*:/i.test(address) || address.startsWith("/") || address.startsWith("#")) return null;
  const parts = place.path.split("/").slice(0, -1);
  let plain: string;
  try {
    plain = decodeURIComponent(address.split(/[?#]/)[0] ?? "");
  } catch {
    return null;
  }
  for (const part of plain.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else parts.push(part);
  }
  const path = parts.join("/");
  return kindOf(path) === "image" ? fileAddress({ ...place, path }) : null;
}
