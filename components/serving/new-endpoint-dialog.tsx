"use client";

import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select, Textarea } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";

/** Makes one more endpoint for a model, for callers that need an address of their own. */
export function NewEndpointDialog({ project, models }: { project: string; models: readonly string[] }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [facts, setFacts] = useState({ name: "", model: models[0] ?? "", description: "", budget: "50" });
  const create = useMutation({
    mutationFn: () =>
      api<{ name: string }>(`/api/v1/projects/${project}/endpoints`, {
        body: {
          name: facts.name,
          model: facts.model,
          description: facts.description,
          latencyBudgetMs: Number(facts.budget),
        },
      }),
    onSuccess: ({ name }) => {
      setOpen(false);
      toast.success(`The endpoint ${name} is there`, { detail: "It answers as soon as its model has a champion." });
      router.push(`/p/${project}/endpoints/${encodeURIComponent(name)}`);
      router.refresh();
    },
  });
  const change = (part: Partial<typeof facts>) => setFacts({ ...facts, ...part });
  return (
    <Dialog
      title="New endpoint"
      description="A model's first champion gets its endpoint by itself. Make another one when some callers need an address of their own."
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant="primary" icon={<Plus aria-hidden />}>
          New endpoint
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field
          label="Name"
          required
          hint="Part of the address, for good: lower-case letters, digits, hyphens, dots and underscores."
          error={fieldError(create.error, "name")}
        >
          <Input
            mono
            value={facts.name}
            placeholder="flight-delays-gates"
            onChange={(event) => change({ name: event.target.value })}
          />
        </Field>
        <Field label="Model" required error={fieldError(create.error, "model")}>
          <Select
            options={models.map((model) => ({ value: model, label: model }))}
            value={facts.model}
            onValueChange={(model) => change({ model })}
          />
        </Field>
        <Field label="Description" error={fieldError(create.error, "description")}>
          <Textarea
            rows={2}
            value={facts.description}
            onChange={(event) => change({ description: event.target.value })}
          />
        </Field>
        <Field
          label="Latency budget (ms)"
          hint="95 of 100 answers to a single row should take at most this long."
          error={fieldError(create.error, "latencyBudgetMs")}
        >
          <Input
            inputMode="decimal"
            value={facts.budget}
            onChange={(event) => change({ budget: event.target.value })}
          />
        </Field>
        <FormError error={create.error} fields={["name", "model", "description", "latencyBudgetMs"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" disabled={facts.name === ""} loading={create.isPending}>
            Create endpoint
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
