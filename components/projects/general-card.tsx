"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Id } from "#components/ui/copy.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";
import { can } from "#server/identity/contract.ts";
import type { ProjectDto } from "#server/projects/contract.ts";

/** Name and description of a project: a form for those who may change them, words for others. */
export function GeneralCard({ project }: { project: ProjectDto }) {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const mutation = useMutation({
    mutationFn: () => api(`/api/v1/projects/${project.slug}`, { method: "PATCH", body: { name, description } }),
    onSuccess: () => {
      toast.success("Saved");
      refreshPage();
    },
  });
  const isChanged = name !== project.name || description !== project.description;
  const facts = (
    <KeyValue
      items={[
        { label: "Short name", value: <Id value={project.slug} length={40} /> },
        { label: "Id", value: <Id value={project.id} length={36} /> },
        { label: "Your role", value: project.role },
        { label: "Created", value: <Time at={project.createdAt} /> },
      ]}
    />
  );
  if (!can(project.scopes, "project:write"))
    return (
      <Card title="General">
        <div className="space-y-3">
          <KeyValue
            items={[
              { label: "Name", value: project.name },
              { label: "Description", value: project.description || "none" },
            ]}
          />
          {facts}
          <p className="text-xs text-muted">A maintainer of the project changes these.</p>
        </div>
      </Card>
    );
  return (
    <Card title="General">
      <form
        className="max-w-2xl space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <Field label="Name" required error={fieldError(mutation.error, "name")}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Description" error={fieldError(mutation.error, "description")}>
          <Textarea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
        {facts}
        <FormError error={mutation.error} fields={["name", "description"]} />
        <Button
          type="submit"
          variant="primary"
          loading={mutation.isPending}
          disabled={!isChanged || name.trim() === ""}
        >
          Save
        </Button>
      </form>
    </Card>
  );
}
