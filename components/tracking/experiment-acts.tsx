"use client";

import { useMutation } from "@tanstack/react-query";
import { Ellipsis, Plus } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { plural } from "#components/ui/format.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { toast } from "#components/ui/toast.tsx";
import { fieldError } from "#components/ui/api.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import type { ExperimentSummaryDto } from "#server/tracking/contract.ts";
import { createExperiment, deleteExperiment, renameExperiment, restoreExperiment } from "./queries.ts";
import { usePurge } from "./purge.tsx";

function NameForm({
  label,
  name,
  act,
  onDone,
}: {
  label: string;
  name: string;
  act: (name: string) => Promise<unknown>;
  onDone: () => void;
}) {
  const [text, setText] = useState(name);
  const mutation = useMutation({ mutationFn: act, onSuccess: onDone });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate(text.trim());
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field
        label="Name"
        hint="Scripts choose it by this name: mlflow.set_experiment(…)"
        error={fieldError(mutation.error, "name")}
        required
      >
        <Input value={text} onChange={(event) => setText(event.target.value)} maxLength={500} autoFocus />
      </Field>
      <FormError error={mutation.error} fields={["name"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending} disabled={text.trim() === ""}>
          {label}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** Makes an experiment and opens it. */
export function NewExperiment({ project, onMade }: { project: string; onMade: (number: number) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title="New experiment"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" variant="ghost" icon={<Plus aria-hidden />}>
          New experiment
        </Button>
      }
    >
      <NameForm
        label="Create"
        name=""
        act={async (name) => {
          onMade((await createExperiment(project, name)).number);
        }}
        onDone={() => {
          setOpen(false);
          refreshPage();
        }}
      />
    </Dialog>
  );
}

/** Rename, delete and restore of one experiment. */
export function ExperimentMenu({ project, experiment }: { project: string; experiment: ExperimentSummaryDto }) {
  const [asked, setAsked] = useState<"rename" | "delete" | null>(null);
  const { number, name, runs } = experiment;
  const purge = usePurge(project);
  const close = (): void => setAsked(null);
  const restore = async (): Promise<void> => {
    try {
      await restoreExperiment(project, number);
      toast.success(`${name} is back with its runs`);
      refreshPage();
    } catch (error) {
      toast.error(error);
    }
  };
  return (
    <>
      <DropdownMenu
        align="end"
        trigger={<IconButton label={`Acts on ${name}`} size="sm" icon={<Ellipsis aria-hidden />} />}
        items={
          experiment.lifecycleStage === "deleted"
            ? [
                { label: "Restore", onSelect: () => void restore() },
                "separator",
                { label: "Purge for good", danger: true, onSelect: () => purge.ask({ experiments: [number] }) },
              ]
            : [
                { label: "Rename", onSelect: () => setAsked("rename") },
                { label: "Delete", danger: true, onSelect: () => setAsked("delete") },
              ]
        }
      />
      <Dialog title={`Rename ${name}`} open={asked === "rename"} onOpenChange={close}>
        <NameForm
          label="Rename"
          name={name}
          act={(to) => renameExperiment(project, number, to)}
          onDone={() => {
            close();
            refreshPage();
          }}
        />
      </Dialog>
      <ConfirmDialog
        title={`Delete the experiment ${name}?`}
        touches={`${plural(runs, "run")} with all they logged. Everything can be restored; scripts that name the experiment fail until then.`}
        action="Delete experiment"
        danger
        open={asked === "delete"}
        onOpenChange={close}
        onConfirm={async () => {
          await deleteExperiment(project, number);
          refreshPage();
        }}
      />
      {purge.dialog}
    </>
  );
}
