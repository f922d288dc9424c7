"use client";

import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Dialog, DialogClose, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatDate } from "#components/ui/format.ts";
import { Input, Select } from "#components/ui/input.tsx";

interface Created {
  readonly secret: string;
  readonly expiresAt: string;
}

const SCOPES = ["serving:predict", "serving:outcomes"];
const DAYS = [
  { value: "1", label: "a day" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

/** Makes a token that may ask for predictions and tell outcomes in this project, and shows it once. */
export function TokenDialog({
  project,
  endpoint,
  onCreated,
}: {
  project: string;
  endpoint: string;
  onCreated: (token: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(`calls of ${endpoint}`);
  const [days, setDays] = useState("90");
  const create = useMutation({
    mutationFn: () =>
      api<Created>(`/api/v1/projects/${encodeURIComponent(project)}/tokens`, {
        body: { name, scopes: SCOPES, days: Number(days) },
      }),
    onSuccess: ({ secret }) => onCreated(secret),
  });
  const created = create.data;
  return (
    <Dialog
      title={created ? "Copy the token now" : "Create a token"}
      description={
        created
          ? "It is shown this once; only its fingerprint is kept. The calls on this page carry it until you leave."
          : "It acts in your name, in this project, with the scopes serving:predict and serving:outcomes and no other."
      }
      open={open}
      onOpenChange={(isOpen) => {
        setOpen(isOpen);
        if (!isOpen) create.reset();
      }}
      trigger={
        <Button variant="primary" icon={<KeyRound aria-hidden />}>
          Create token
        </Button>
      }
    >
      {created ? (
        <div className="space-y-4">
          <CodeBlock title="Token" code={created.secret} wrap />
          <p className="text-sm text-muted">
            It works until {formatDate(created.expiresAt)}, or until it is revoked in the project's settings.
          </p>
          <DialogFooter>
            <DialogClose>
              <Button variant="primary">I have copied it</Button>
            </DialogClose>
          </DialogFooter>
        </div>
      ) : (
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Field label="Name" required hint="What will use it." error={fieldError(create.error, "name")}>
            <Input value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
          <Field label="Valid for" error={fieldError(create.error, "days")}>
            <Select options={DAYS} value={days} onValueChange={setDays} />
          </Field>
          <FormError error={create.error} fields={["name", "days"]} />
          <DialogFooter>
            <Button type="submit" variant="primary" loading={create.isPending} disabled={name.trim() === ""}>
              Create token
            </Button>
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}
