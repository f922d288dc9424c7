"use client";

import { useMutation } from "@tanstack/react-query";
import { GitFork } from "lucide-react";
import { useRouter } from "next/navigation";
import { type SyntheticEvent, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { forkRun } from "./origin-queries.ts";

/** Copies the run's settings to a new branch and opens it in the editor. */
export function ForkButton({ project, run }: { project: string; run: string }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [branch, setBranch] = useState("");
  const mutation = useMutation({
    mutationFn: () => forkRun(project, run, branch.trim()),
    onSuccess: (fork) => {
      toast.success(`The branch ${fork.branch} holds the run's settings`, {
        detail: fork.changes.length > 0 ? fork.changes.join("; ") : "The pipeline file had them already.",
      });
      router.push(`/p/${project}/code?branch=${encodeURIComponent(fork.branch)}&file=${encodeURIComponent(fork.path)}`);
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate();
  };
  return (
    <Dialog
      title="Fork the run"
      description="Makes a branch at the run's commit, writes its parameters, its combination of a matrix and its dataset versions into the pipeline file, and opens it in the editor."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={<GitFork aria-hidden />}>Fork</Button>}
    >
      <form onSubmit={submit} className="space-y-4">
        <Field
          label="Branch"
          hint="Leave it empty for a free name after the run"
          error={fieldError(mutation.error, "branch") ?? fieldError(mutation.error, "name")}
        >
          <Input mono value={branch} onChange={(event) => setBranch(event.target.value)} maxLength={100} />
        </Field>
        <FormError error={mutation.error} fields={["branch", "name"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={mutation.isPending}>
            Fork and open
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
