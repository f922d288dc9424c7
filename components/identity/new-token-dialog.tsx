"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Dialog, DialogClose, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatDate } from "#components/ui/format.ts";
import { Input, Select } from "#components/ui/input.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { SCOPES, Scope } from "#server/identity/contract.ts";

interface Created {
  readonly secret: string;
  readonly expiresAt: string;
}

const DAYS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

const PLACES = [
  { value: "project", label: "This project" },
  { value: "everywhere", label: "All my projects" },
];

interface Props {
  project: string;
  scopes: readonly Scope[];
  /** The button that opens it stands elsewhere: it may go with the empty list when the first token arrives, and the secret must not. */
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onCreated: () => void;
}

/** Makes a token with chosen scopes and shows its secret, once. */
export function NewTokenDialog({ project, scopes, open, onOpenChange, onCreated }: Props) {
  const [created, setCreated] = useState<Created | null>(null);
  return (
    <Dialog
      title={created === null ? "New API token" : "Copy the token now"}
      description={
        created === null
          ? "It acts in your name, and never more than you may yourself."
          : "It is shown this once; only its fingerprint is kept."
      }
      size="lg"
      open={open}
      onOpenChange={(isOpen) => {
        onOpenChange(isOpen);
        if (!isOpen) setCreated(null);
      }}
    >
      {created === null ? (
        <Form
          project={project}
          scopes={scopes}
          onCreated={(token) => {
            setCreated(token);
            onCreated();
          }}
        />
      ) : (
        <div className="space-y-4">
          <CodeBlock title="Token" code={created.secret} />
          <p className="text-sm text-muted">
            It works until {formatDate(created.expiresAt)}, or until somebody revokes it.
          </p>
          <DialogFooter>
            <DialogClose>
              <Button variant="primary">I have copied it</Button>
            </DialogClose>
          </DialogFooter>
        </div>
      )}
    </Dialog>
  );
}

function Form({
  project,
  scopes,
  onCreated,
}: Pick<Props, "project" | "scopes"> & { onCreated: (created: Created) => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [where, setWhere] = useState("project");
  const [chosen, setChosen] = useState<readonly Scope[]>([]);
  const [rate, setRate] = useState("");
  const [quota, setQuota] = useState("");
  const predicts = chosen.includes("serving:predict");
  const mutation = useMutation({
    mutationFn: () =>
      api<Created>(where === "everywhere" ? "/api/v1/tokens" : `/api/v1/projects/${project}/tokens`, {
        method: "POST",
        body: {
          name,
          scopes: chosen,
          days: Number(days),
          ...(predicts ? { ratePerSecond: limit(rate), rowsPerDay: limit(quota) } : {}),
        },
      }),
    onSuccess: onCreated,
  });
  const offered = Scope.options.filter((scope) => scopes.includes(scope));
  const toggle = (scope: Scope, isOn: boolean): void => {
    setChosen((before) => (isOn ? [...before, scope] : before.filter((each) => each !== scope)));
  };
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate();
      }}
    >
      <div className="grid gap-4 sm:grid-cols-[1fr_180px_140px]">
        <Field label="Name" required hint="What will use it." error={fieldError(mutation.error, "name")}>
          <Input value={name} placeholder="nightly import" onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Works in" hint={where === "everywhere" ? "As far as your role goes in each." : undefined}>
          <Select options={PLACES} value={where} onValueChange={setWhere} />
        </Field>
        <Field label="Valid for" error={fieldError(mutation.error, "days")}>
          <Select options={DAYS} value={days} onValueChange={setDays} />
        </Field>
      </div>
      <fieldset className="space-y-2">
        <legend className="text-sm font-medium">Scopes</legend>
        <div className="grid max-h-[40vh] gap-x-4 gap-y-2 overflow-y-auto rounded-md border p-3 sm:grid-cols-2">
          {offered.map((scope) => (
            <Checkbox
              key={scope}
              label={<span className="font-mono text-xs">{scope}</span>}
              hint={SCOPES[scope]}
              checked={chosen.includes(scope)}
              onCheckedChange={(isOn) => toggle(scope, isOn)}
            />
          ))}
        </div>
      </fieldset>
      {predicts && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Requests a second"
            hint="To each serving process; empty for no limit."
            error={fieldError(mutation.error, "ratePerSecond")}
          >
            <Input inputMode="decimal" value={rate} onChange={(event) => setRate(event.target.value)} />
          </Field>
          <Field
            label="Rows a day"
            hint="Of all processes, counted in UTC; empty for no limit."
            error={fieldError(mutation.error, "rowsPerDay")}
          >
            <Input inputMode="numeric" value={quota} onChange={(event) => setQuota(event.target.value)} />
          </Field>
        </div>
      )}
      <FormError error={mutation.error} fields={["name", "days", "ratePerSecond", "rowsPerDay"]} />
      <DialogFooter>
        <Button
          type="submit"
          variant="primary"
          loading={mutation.isPending}
          disabled={name.trim() === "" || chosen.length === 0}
        >
          {chosen.length === 0 ? "Choose a scope" : "Create token"}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** A limit as it was typed: null without one; what is no number goes as it is, and the answer says so. */
function limit(typed: string): number | string | null {
  const text = typed.trim();
  if (text === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
