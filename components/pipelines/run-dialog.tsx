"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useDeferredValue, useState } from "react";
import { ApiError, api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import { DatasetField } from "./dataset-field.tsx";
import { FileProblems } from "./file-problems.tsx";
import { ParamField, paramValue } from "./param-field.tsx";
import { branchesQuery, pipelineFilesQuery, pipelinesPath } from "./queries.ts";

interface Props {
  project: string;
  /** The file that is chosen at first; "" takes the first there is. */
  path: string;
}

/**
 * Starts a run: which file, at which commit, with which parameters and dataset versions. The editor opens it for the branch at hand by
 * `?run=1&branch=…`.
 */
export function RunDialog({ project, path }: Props) {
  const search = useSearch();
  const [pressed, setPressed] = useState(false);
  const open = pressed || search.get("run") === "1";
  const close = () => {
    setPressed(false);
    setSearchParams({ run: null, branch: null });
  };
  return (
    <Dialog
      title="Run a pipeline"
      size="md"
      open={open}
      onOpenChange={(next) => (next ? setPressed(true) : close())}
      trigger={
        <Button variant="primary" icon={<Play aria-hidden />}>
          Run pipeline
        </Button>
      }
    >
      <RunForm project={project} path={path} at={search.get("branch") ?? "main"} />
    </Dialog>
  );
}

function RunForm({ project, path, at }: Props & { at: string }) {
  const router = useRouter();
  const [ref, setRef] = useState(at);
  const [chosenPath, setPath] = useState(path);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [versions, setVersions] = useState<Readonly<Record<string, string>>>({});
  const files = useQuery(pipelineFilesQuery(project, useDeferredValue(ref.trim())));
  const branches = useQuery(branchesQuery(project));
  const file = files.data?.files.find((f) => f.path === chosenPath) ?? files.data?.files[0];
  const preview = file?.preview ?? null;
  const values = (preview?.params ?? []).map(({ name, value }) => {
    const text = texts[name];
    return { name, fallback: value, text, value: text === undefined ? value : paramValue(text, value) };
  });
  const wrong = values.filter((param) => param.value === null);

  const start = useMutation({
    mutationFn: () =>
      api<{ number: number }>(pipelinesPath(project, "pipeline-runs"), {
        body: {
          pipelinePath: file?.path,
          ref: ref.trim(),
          params: Object.fromEntries(values.filter((p) => p.text !== undefined).map((p) => [p.name, p.value])),
          datasets: Object.fromEntries(
            Object.entries(versions).flatMap(([name, v]) => (v === "" ? [] : [[name, Number(v)]])),
          ),
        },
      }),
    onSuccess: ({ number }) => {
      toast.success(`Run ${number} started`);
      router.push(`/p/${project}/pipelines/runs/${number}`);
    },
  });
  const submit = (event: { preventDefault: () => void }) => {
    event.preventDefault();
    start.mutate();
  };
  const own = ["ref", ...values.map((param) => `params.${param.name}`)];
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label="Branch or commit"
          error={
            files.error instanceof ApiError && files.error.field === "ref"
              ? files.error.message
              : fieldError(start.error, "ref")
          }
        >
          <Input mono list="branches" value={ref} onChange={(event) => setRef(event.target.value)} />
        </Field>
        <Field label="File">
          <Select
            value={file?.path ?? ""}
            onValueChange={setPath}
            options={(files.data?.files ?? []).map((f) => ({ value: f.path, label: f.path }))}
          />
        </Field>
        <datalist id="branches">
          {(branches.data ?? []).map((branch) => (
            <option key={branch} value={branch} />
          ))}
        </datalist>
      </div>
      {file === undefined && files.isSuccess ? (
        <p className="text-sm text-muted">There is no pipeline file at {ref}.</p>
      ) : null}
      {file === undefined ? null : <FileProblems project={project} file={file} />}
      {values.length === 0 ? null : (
        <fieldset className="grid gap-3 sm:grid-cols-2">
          <legend className="pb-1.5 text-sm font-medium">Parameters</legend>
          {values.map((param) => (
            <ParamField
              key={param.name}
              name={param.name}
              fallback={param.fallback}
              text={param.text}
              error={param.value === null ? "This must be a number." : fieldError(start.error, `params.${param.name}`)}
              onText={(text) => setTexts((known) => ({ ...known, [param.name]: text }))}
            />
          ))}
        </fieldset>
      )}
      {(preview?.datasets ?? []).length === 0 ? null : (
        <fieldset className="grid gap-3 sm:grid-cols-2">
          <legend className="pb-1.5 text-sm font-medium">Datasets</legend>
          {preview?.datasets.map((dataset) => (
            <DatasetField
              key={dataset.reference}
              project={project}
              dataset={dataset.name}
              fixed={dataset.version}
              value={versions[dataset.name] ?? ""}
              onValue={(version) => setVersions((known) => ({ ...known, [dataset.name]: version }))}
            />
          ))}
        </fieldset>
      )}
      <FormError error={start.error} fields={own} />
      <DialogFooter>
        <DialogClose>
          <Button>Close</Button>
        </DialogClose>
        <Button
          type="submit"
          variant="primary"
          loading={start.isPending}
          disabled={preview === null || wrong.length > 0}
        >
          Start the run
        </Button>
      </DialogFooter>
    </form>
  );
}
