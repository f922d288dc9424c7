"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TableProperties } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ScoringDto } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { datasetsQuery, datasetVersionQuery, modelQuery, modelsQuery } from "./bulk-queries.ts";

interface Fixed {
  readonly model?: string;
  /** Of the model. */
  readonly version?: number;
  readonly dataset?: string;
  readonly datasetVersion?: number;
}

/** Starts a batch scoring, from a model version, a dataset version, or nowhere. What does not fit is said before anything runs. */
export function ScoreDialog({ project, fixed = {}, primary }: { project: string; fixed?: Fixed; primary?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title="Score a dataset"
      description="Every row gets the answer that an endpoint would give to it; the predictions become a dataset version."
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant={primary ? "primary" : undefined} icon={<TableProperties aria-hidden />}>
          {fixed.dataset === undefined ? "Score a dataset" : "Score with a model"}
        </Button>
      }
    >
      {open ? <ScoreForm project={project} fixed={fixed} /> : null}
    </Dialog>
  );
}

function ScoreForm({ project, fixed }: { project: string; fixed: Fixed }) {
  const router = useRouter();
  const queries = useQueryClient();
  const [model, setModel] = useState(fixed.model ?? "");
  const [version, setVersion] = useState(fixed.version === undefined ? "" : String(fixed.version));
  const [dataset, setDataset] = useState(fixed.dataset ?? "");
  const [datasetVersion, setDatasetVersion] = useState(
    fixed.datasetVersion === undefined ? "" : String(fixed.datasetVersion),
  );
  const [into, setInto] = useState("");
  const [dropped, setDropped] = useState<ReadonlySet<string>>(new Set());
  const [features, setFeatures] = useState("");
  const [prefix, setPrefix] = useState("predicted_");

  const models = useQuery({ ...modelsQuery(project), enabled: fixed.model === undefined });
  const versions = useQuery(modelQuery(project, model));
  const datasets = useQuery(datasetsQuery(project));
  const newest = datasets.data?.find((one) => one.name === dataset)?.latest?.version;
  const chosenVersion = datasetVersion || (newest === undefined ? "" : String(newest));
  const columns = useQuery(datasetVersionQuery(project, dataset, chosenVersion)).data?.schema ?? [];
  const candidates = versions.data?.versions.filter((one) => one.signature !== null) ?? [];
  const chosen = candidates.find((one) => String(one.version) === version);
  const [only, ...others] = chosen?.signature?.inputs ?? [];
  const width = only?.shape.slice(1).reduce((product, size) => product * Math.max(size, 1), 1) ?? 1;
  const isWide = others.length === 0 && width > 1;
  const target = into || (dataset === "" ? "" : `${dataset}-scored`);

  const start = useMutation({
    mutationFn: () =>
      api<ScoringDto>(`/api/v1/projects/${encodeURIComponent(project)}/scorings`, {
        body: {
          model,
          version,
          dataset,
          datasetVersion: Number(chosenVersion),
          into: target,
          prefix,
          ...(dropped.size > 0 ? { keep: columns.map(({ name }) => name).filter((name) => !dropped.has(name)) } : {}),
          ...(isWide
            ? {
                features: features
                  .split(",")
                  .map((name) => name.trim())
                  .filter(Boolean),
              }
            : {}),
        },
      }),
    onSuccess: async (scoring) => {
      await queries.invalidateQueries({ queryKey: [project, "bulk"] });
      router.push(`/p/${project}/scorings/${scoring.number}`);
    },
  });
  const ready = model !== "" && version !== "" && dataset !== "" && chosenVersion !== "" && target !== "";

  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Model" error={fieldError(start.error, "model")}>
          <Select
            value={model}
            disabled={fixed.model !== undefined}
            placeholder="Choose a model"
            onValueChange={(name) => {
              setModel(name);
              setVersion("");
            }}
            options={
              fixed.model === undefined
                ? (models.data ?? []).map(({ name }) => ({ value: name, label: name }))
                : [{ value: fixed.model, label: fixed.model }]
            }
          />
        </Field>
        <Field label="Version" error={fieldError(start.error, "version")}>
          <Select
            value={version}
            placeholder={model === "" ? "Choose a model first" : "Choose a version"}
            onValueChange={setVersion}
            options={candidates.map((one) => ({
              value: String(one.version),
              label: [`version ${one.version}`, ...one.aliases].join(", "),
            }))}
          />
        </Field>
        <Field label="Dataset" error={fieldError(start.error, "dataset")}>
          <Select
            value={dataset}
            disabled={fixed.dataset !== undefined}
            placeholder="Choose a dataset"
            onValueChange={(name) => {
              setDataset(name);
              setDatasetVersion("");
              setDropped(new Set());
            }}
            options={(datasets.data ?? [])
              .filter(({ latest }) => latest !== null)
              .map(({ name }) => ({ value: name, label: name }))}
          />
        </Field>
        <Field label="Its version" error={fieldError(start.error, "datasetVersion")}>
          <Select
            value={chosenVersion}
            placeholder={dataset === "" ? "Choose a dataset first" : undefined}
            onValueChange={setDatasetVersion}
            options={Array.from({ length: newest ?? 0 }, (_, i) => String((newest ?? 0) - i)).map((n) => ({
              value: n,
              label: `version ${n}${n === String(newest) ? ", the newest" : ""}`,
            }))}
          />
        </Field>
      </div>
      {isWide ? (
        <Field
          label={`Columns, in the order of training (${width})`}
          required
          hint={`The model takes one tensor '${only?.name ?? ""}' of ${width} values a row. Separate names by commas.`}
          error={fieldError(start.error, "features")}
        >
          <Input mono value={features} onChange={(event) => setFeatures(event.target.value)} />
        </Field>
      ) : null}
      <Field
        label="Predictions go to the dataset"
        hint={`As its next version; it is made if there is none.${into === "" && target !== "" ? ` Left empty, it is ${target}.` : ""}`}
        error={fieldError(start.error, "into")}
      >
        <Input mono value={into} placeholder={target} onChange={(event) => setInto(event.target.value)} />
      </Field>
      {columns.length > 0 ? (
        <fieldset className="space-y-1">
          <legend className="text-sm font-medium">Columns to carry over</legend>
          <div className="grid max-h-40 gap-x-3 gap-y-1 overflow-auto rounded-md border p-2 sm:grid-cols-3">
            {columns.map(({ name }) => (
              <Checkbox
                key={name}
                label={<span className="font-mono text-xs break-all">{name}</span>}
                checked={!dropped.has(name)}
                onCheckedChange={(kept) => {
                  const next = new Set(dropped);
                  if (kept) next.delete(name);
                  else next.add(name);
                  setDropped(next);
                }}
              />
            ))}
          </div>
          <p className="text-xs text-muted">
            {columns.length - dropped.size} of {columns.length}. Keep a key, so that predictions can be told apart.{" "}
            <button
              type="button"
              className="underline"
              onClick={() => setDropped(dropped.size > 0 ? new Set() : new Set(columns.map(({ name }) => name)))}
            >
              {dropped.size > 0 ? "Keep all" : "Keep none"}
            </button>
          </p>
        </fieldset>
      ) : null}
      <Field label="New columns begin with" error={fieldError(start.error, "prefix")}>
        <Input mono value={prefix} onChange={(event) => setPrefix(event.target.value)} />
      </Field>
      {chosen && !chosen.aliases.includes("champion") ? (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-xs">
          Version {chosen.version} is not the champion. It may score; whether anybody approved it is written into the
          dataset version that comes out.
        </p>
      ) : null}
      <FormError
        error={start.error}
        fields={["model", "version", "dataset", "datasetVersion", "features", "into", "prefix"]}
      />
      <DialogFooter>
        <Button type="submit" variant="primary" disabled={!ready} loading={start.isPending}>
          Start scoring
        </Button>
      </DialogFooter>
    </form>
  );
}
