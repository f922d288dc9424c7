"use client";

import { useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { useMemo } from "react";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { plural } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Time } from "#components/ui/values.tsx";
import { can } from "#server/identity/contract.ts";
import type { PipelineFileDto, RunPage } from "#server/pipelines/contract.ts";
import { FileProblems } from "./file-problems.tsx";
import { PipelineStatus } from "./parts/step-status.tsx";
import { PipelineGraph } from "./pipeline-graph.tsx";
import { type PipelineFiles, pipelineFilesQuery } from "./queries.ts";
import { RunDialog } from "./run-dialog.tsx";
import { previewGraph } from "./run-graph.ts";
import { RunTable } from "./run-table.tsx";

interface Props {
  project: string;
  files: PipelineFiles;
  runs: RunPage;
  scopes: readonly string[];
}

/** The pipelines of a project: the files on main with their graphs, and the runs of all. */
export function PipelinesPage({ project, files: initial, runs, scopes }: Props) {
  const { data } = useQuery({ ...pipelineFilesQuery(project, "main"), initialData: initial });
  const [path, setPath] = useUrlState("file");
  const file = data.files.find((f) => f.path === path) ?? data.files[0];
  return (
    <>
      <PageHeader
        title="Pipelines"
        count={plural(runs.total, "run")}
        actions={
          can(scopes, "pipelines:run") ? (
            <RunDialog key={file?.path} project={project} path={file?.path ?? ""} />
          ) : undefined
        }
      />
      <div className="space-y-6">
        {file === undefined ? (
          <EmptyState
            icon={<Workflow aria-hidden />}
            action={<LinkButton href={`/p/${project}/code`}>Open the code</LinkButton>}
          >
            There is no pipeline on main yet: add a file pipeline.yaml with its steps.
          </EmptyState>
        ) : (
          <FileCard project={project} file={file} files={data.files} onChoose={setPath} />
        )}
        <Section title="Runs">
          <RunTable project={project} initial={runs} />
        </Section>
      </div>
    </>
  );
}

function FileCard({
  project,
  file,
  files,
  onChoose,
}: {
  project: string;
  file: PipelineFileDto;
  files: readonly PipelineFileDto[];
  onChoose: (path: string) => void;
}) {
  const graph = useMemo(() => (file.preview === null ? null : previewGraph(file.preview)), [file.preview]);
  return (
    <Card
      padded={false}
      title={file.preview?.name ?? file.path}
      description={
        <>
          <TextLink href={`/p/${project}/code?file=${encodeURIComponent(file.path)}`}>{file.path}</TextLink> on main at{" "}
          <code>{file.commit.slice(0, 10)}</code>
          {file.preview?.python == null ? null : ` · Python ${file.preview.python}`}
          {file.lastRun === null ? null : (
            <>
              {" · "}
              <TextLink href={`/p/${project}/pipelines/runs/${file.lastRun.number}`}>
                run {file.lastRun.number}
              </TextLink>{" "}
              <PipelineStatus status={file.lastRun.status} /> <Time at={file.lastRun.createdAt} />
            </>
          )}
        </>
      }
      actions={
        files.length > 1 ? (
          <Select
            aria-label="Pipeline file"
            size="sm"
            className="w-64"
            value={file.path}
            onValueChange={onChoose}
            options={files.map((f) => ({ value: f.path, label: f.path }))}
          />
        ) : undefined
      }
    >
      {graph === null ? (
        <div className="p-3">
          <FileProblems project={project} file={file} />
        </div>
      ) : (
        <PipelineGraph label={`Steps of ${file.path}`} steps={graph.steps} edges={graph.edges} />
      )}
    </Card>
  );
}
