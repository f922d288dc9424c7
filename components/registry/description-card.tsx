"use client";

import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import type { VersionDto } from "#server/registry/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";

/** What people say of a version, and its tags. Changing it makes open promotion requests gather their evidence anew. */
export function DescriptionCard({
  project,
  version,
  editable,
}: {
  project: string;
  version: VersionDto;
  editable: boolean;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () =>
      api(`/api/v1/projects/${project}/models/${encodeURIComponent(version.model)}/versions/${version.version}`, {
        method: "PATCH",
        body: { description: draft ?? "" },
      }),
    onSuccess: () => {
      setDraft(null);
      refreshPage();
    },
  });
  const tags = Object.entries(version.tags);
  return (
    <Card
      title="Description"
      actions={
        editable && draft === null ? (
          <Button
            size="sm"
            icon={<Pencil aria-hidden />}
            onClick={() => {
              setDraft(version.description);
            }}
          >
            Edit
          </Button>
        ) : undefined
      }
    >
      {draft === null ? (
        <p className={version.description ? "whitespace-pre-wrap" : "text-muted"}>
          {version.description || "Nobody has described this version."}
        </p>
      ) : (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <Field
            label="Description"
            hint="An open promotion request of this version is checked anew; approvals it had become void."
          >
            <Textarea
              rows={4}
              value={draft}
              onChange={(event) => {
                setDraft(event.target.value);
              }}
            />
          </Field>
          <FormError error={save.error} />
          <div className="flex gap-2">
            <Button type="submit" variant="primary" loading={save.isPending}>
              Save
            </Button>
            <Button
              variant="ghost"
              onClick={() => {
                setDraft(null);
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
      {tags.length > 0 ? (
        <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 font-mono text-xs">
          {tags.map(([key, value]) => (
            <div key={key} className="contents">
              <dt className="text-muted">{key}</dt>
              <dd className="break-all">{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </Card>
  );
}
