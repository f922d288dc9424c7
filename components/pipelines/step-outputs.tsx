"use client";

import { useQuery } from "@tanstack/react-query";
import { Download, FolderOpen } from "lucide-react";
import { useState } from "react";
import { Button, TextLink } from "#components/ui/button.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { plural } from "#components/ui/format.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Bytes } from "#components/ui/values.tsx";
import type { StepDto, StoredOutput } from "#server/pipelines/contract.ts";
import { outputFilesQuery, pipelinesPath } from "./queries.ts";

interface Where {
  project: string;
  run: number;
  step: StepDto;
}

function fileHref({ project, run, step }: Where, output: string, file?: string): string {
  const path = `pipeline-runs/${run}/steps/${step.id}/outputs/${encodeURIComponent(output)}/file`;
  return `${pipelinesPath(project, path)}${file === undefined ? "" : `?file=${encodeURIComponent(file)}`}`;
}

/** What a step read and wrote, each by its content. */
export function StepFiles(where: Where) {
  const { step } = where;
  const missing = Object.entries(step.declaredOutputs).filter(([name]) => step.outputs[name] === undefined);
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <section className="space-y-2">
        <h3 className="text-sm font-medium">Inputs</h3>
        {step.inputs.length === 0 ? <p className="text-sm text-muted">It reads nothing but the code.</p> : null}
        {step.inputs.map((input) => (
          <div key={input.name} className="space-y-0.5 text-sm">
            <p>
              <span className="font-medium">{input.name}</span>{" "}
              <code className="text-xs text-muted">{input.reference}</code>
            </p>
            <ul className="space-y-0.5">
              {input.items.map((item) => (
                <li key={item.label} className="flex flex-wrap items-center gap-2 text-xs">
                  {item.href === null ? item.label : <TextLink href={item.href}>{item.label}</TextLink>}
                  {item.sha256 === null ? (
                    <span className="text-muted">not there yet</span>
                  ) : (
                    <Hash value={item.sha256} />
                  )}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </section>
      <section className="space-y-2">
        <h3 className="text-sm font-medium">Outputs</h3>
        {Object.keys(step.declaredOutputs).length === 0 ? (
          <p className="text-sm text-muted">It declares none.</p>
        ) : null}
        {Object.entries(step.outputs).map(([name, stored]) => (
          <OutputRow key={name} where={where} name={name} stored={stored} />
        ))}
        {missing.map(([name, path]) => (
          <p key={name} className="text-sm">
            <span className="font-medium">{name}</span> <code className="text-xs text-muted">{path}</code>{" "}
            <span className="text-xs text-muted">not stored</span>
          </p>
        ))}
      </section>
    </div>
  );
}

function OutputRow({ where, name, stored }: { where: Where; name: string; stored: StoredOutput }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="space-y-1 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{name}</span>
        <code className="text-xs text-muted">{stored.path}</code>
        <span className="text-xs text-muted">
          <Bytes value={stored.sizeBytes} />
          {stored.kind === "folder" ? ` in ${plural(stored.files, "file")}` : ""}
        </span>
        <Hash value={stored.sha256} />
        {stored.kind === "folder" ? (
          <Button
            size="sm"
            variant="ghost"
            aria-expanded={open}
            icon={<FolderOpen aria-hidden />}
            onClick={() => setOpen(!open)}
          >
            {open ? "Hide files" : "Show files"}
          </Button>
        ) : (
          <DownloadLink href={fileHref(where, name)} name={stored.path} />
        )}
      </div>
      {open ? <FolderFiles where={where} output={name} /> : null}
    </div>
  );
}

function DownloadLink({ href, name }: { href: string; name: string }) {
  return (
    <a
      href={href}
      download
      className="inline-flex items-center gap-1 text-xs text-muted hover:text-text"
      aria-label={`Download ${name}`}
    >
      <Download className="size-3.5" aria-hidden /> Download
    </a>
  );
}

function FolderFiles({ where, output }: { where: Where; output: string }) {
  const files = useQuery(outputFilesQuery(where.project, where.run, where.step.id, output));
  if (files.isPending) return <Skeleton className="h-4 w-60" />;
  if (files.isError) return <ErrorNote error={files.error} onRetry={() => void files.refetch()} />;
  return (
    <ul className="max-h-60 space-y-0.5 overflow-auto rounded-md border px-2.5 py-1.5">
      {files.data.files.map((file) => (
        <li key={file.path} className="flex flex-wrap items-center gap-2 text-xs">
          <code>{file.path}</code>
          <Bytes value={file.sizeBytes} className="text-muted" />
          <DownloadLink href={fileHref(where, output, file.path)} name={file.path} />
        </li>
      ))}
    </ul>
  );
}
