"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";

interface Props {
  readonly title: string;
  readonly label: string;
  readonly action: string;
  readonly initial: string;
  readonly hint?: string;
  readonly onSubmit: (name: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks for one name: of a new file, a rename, a branch. */
export function NameDialog({ title, label, action, initial, hint, onSubmit, onClose }: Props) {
  const [name, setName] = useState(initial);
  const submit = useMutation({ mutationFn: () => onSubmit(name.trim()), onSuccess: onClose });
  return (
    <Dialog
      title={title}
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size="sm"
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit.mutate();
        }}
      >
        <Field
          label={label}
          hint={hint}
          error={fieldError(submit.error, "path") ?? fieldError(submit.error, "to") ?? fieldError(submit.error, "name")}
        >
          <Input
            mono
            value={name}
            autoFocus
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </Field>
        <FormError error={submit.error} fields={["path", "to", "name"]} />
        <DialogFooter>
          <Button
            type="submit"
            variant="primary"
            disabled={name.trim() === "" || name.trim() === initial}
            loading={submit.isPending}
          >
            {action}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
