"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PackagePlus } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatBytes } from "#components/ui/format.ts";
import { Input, Select, Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { RegistrableDto, VersionDto } from "#server/registry/contract.ts";
import { modelNamesQuery, registerFromRun, registrableQuery } from "./run-queries.ts";

interface RegisterRunProps {
  readonly project: string;
  readonly run: { readonly id: string; readonly name: string; readonly experimentName?: string };
  /** What stands in the description before anybody writes. */
  readonly because?: string | undefined;
  readonly trigger?: ReactNode;
  /** What can be done with the version that was made, beside opening it. */
  readonly next?: ((version: VersionDto) => ReactNode) | undefined;
}

/** Registers what a run left as the next version of a model. */
export function RegisterRun({ trigger, ...props }: RegisterRunProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title={`Register the model of ${props.run.name}`}
      description="It becomes the next version of a model, with the run, its commit and its data as lineage."
      size="md"
      open={open}
      onOpenChange={setOpen}
      trigger={trigger ?? <Button icon={<PackagePlus aria-hidden />}>Register model</Button>}
    >
      {open ? <RegisterBody {...props} /> : null}
    </Dialog>
  );
}

function RegisterBody(props: Omit<RegisterRunProps, "trigger">) {
  const { project, run, next } = props;
  const found = useQuery(registrableQuery(project, run.id));
  const names = useQuery(modelNamesQuery(project));
  const [made, setMade] = useState<VersionDto | null>(null);
  if (made !== null) return <Made project={project} version={made} next={next} />;
  if (found.isPending || names.isPending) return <Skeleton className="h-48 w-full" />;
  if (found.error) return <ErrorNote error={found.error} onRetry={() => void found.refetch()} />;
  if (names.error) return <ErrorNote error={names.error} onRetry={() => void names.refetch()} />;
  if (found.data.length === 0)
    return (
      <div className="space-y-3">
        <p className="text-sm">
          This run logged no model. Log one where it is trained, or add it to this run: as ONNX, or as an MLflow model
          with a signature.
        </p>
        <CodeBlock
          title="Python"
          code={`import mlflow\n\nwith mlflow.start_run(run_id="${run.id}"):\n    mlflow.onnx.log_model(onnx_model, name="model")`}
        />
        <DialogFooter>
          <LinkButton href={`/p/${project}/experiments/runs/${run.id}?tab=artifacts`}>See what it logged</LinkButton>
          <Button variant="primary" loading={found.isFetching} onClick={() => void found.refetch()}>
            Look again
          </Button>
        </DialogFooter>
      </div>
    );
  return <RegisterForm {...props} found={found.data} names={names.data} onMade={setMade} />;
}

/** A name for a first model that the registry accepts. */
function usualName(names: readonly string[], experiment: string | undefined): string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return only;
  return (experiment ?? "").replaceAll(/[^\w.\- ]+/g, "-").replaceAll(/^-+|-+$/g, "");
}

const SUFFIXES = { onnx: "", pyfunc: " (Python)", none: " (cannot be served)" } as const;

/** What becomes of it as a version, for the one who chooses. */
function whatItIs({ onnx, runtime, problem }: RegistrableDto): string {
  if (onnx) return `${onnx.path}, ${formatBytes(onnx.sizeBytes)}: its inputs and outputs are read from the file.`;
  if (runtime === "pyfunc")
    return "An MLflow model that Python loads: its inputs and outputs are read from its MLmodel, and it answers from a process of its own.";
  return `Such a version is tracked, and can be neither promoted nor served. ${problem ?? "It has neither an ONNX file nor an MLflow model."}`;
}

function RegisterForm({
  project,
  run,
  because = "",
  found,
  names,
  onMade,
}: Omit<RegisterRunProps, "trigger"> & {
  found: readonly RegistrableDto[];
  names: readonly string[];
  onMade: (version: VersionDto) => void;
}) {
  const queries = useQueryClient();
  const list = useId();
  const [model, setModel] = useState(() => usualName(names, run.experimentName));
  const [at, setAt] = useState(0);
  const [description, setDescription] = useState(because);
  const chosen = found[at];
  const mutation = useMutation({
    mutationFn: () =>
      registerFromRun(project, model.trim(), {
        runId: run.id,
        source: chosen?.source ?? "",
        description,
        ...(chosen?.loggedModelId ? { loggedModelId: chosen.loggedModelId } : {}),
        ...(chosen?.onnx ? { sha256: chosen.onnx.sha256 } : {}),
      }),
    onSuccess: async (version) => {
      onMade(version);
      await queries.invalidateQueries({ queryKey: [project, "models"] });
      refreshPage();
    },
  });
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        // It may stand inside the form of another dialog: React's events follow the tree, not the page.
        event.stopPropagation();
        mutation.mutate();
      }}
    >
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field
        label="Model"
        required
        hint={
          names.includes(model.trim()) ? "Its next version is made." : "A new model is made with this as version 1."
        }
        error={fieldError(mutation.error, "model")}
      >
        <Input list={list} value={model} onChange={(event) => setModel(event.target.value)} />
      </Field>
      <Field
        label="What is registered"
        hint={chosen ? whatItIs(chosen) : undefined}
        error={fieldError(mutation.error, "source")}
      >
        <Select
          value={String(at)}
          onValueChange={(value) => setAt(Number(value))}
          options={found.map((one, i) => ({
            value: String(i),
            label: `${one.name}${SUFFIXES[one.runtime ?? "none"]}`,
          }))}
        />
      </Field>
      <Field label="Description" error={fieldError(mutation.error, "description")}>
        <Textarea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <FormError error={mutation.error} fields={["model", "source", "description"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending} disabled={model.trim() === ""}>
          Register
        </Button>
      </DialogFooter>
    </form>
  );
}

/** What was made, what it lacks for a promotion, and where to go on. */
function Made({
  project,
  version,
  next,
}: {
  project: string;
  version: VersionDto;
  next: ((version: VersionDto) => ReactNode) | undefined;
}) {
  const href = `/p/${project}/models/${encodeURIComponent(version.model)}/${version.version}`;
  return (
    <div className="space-y-3 text-sm">
      <p role="status">
        It is {version.model} version {version.version}.
      </p>
      {version.incomplete.length > 0 ? (
        <div>
          <p className="text-muted">It cannot be promoted as it is:</p>
          <ul className="list-disc pl-5 text-warn">
            {version.incomplete.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <DialogFooter>
        <LinkButton href={href}>Open the version</LinkButton>
        {version.incomplete.length === 0 ? next?.(version) : null}
      </DialogFooter>
    </div>
  );
}
