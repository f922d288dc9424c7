"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { PurgeState } from "./purge.tsx";
import { purgesQuery, setRetention } from "./purge-queries.ts";

/** After how many days deleted runs are purged by themselves, and the last purges. */
export function RetentionCard({ project, writable }: { project: string; writable: boolean }) {
  const query = useQuery(purgesQuery(project));
  return (
    <Card
      title="Deleted runs"
      description="Deleted runs, models and experiments can be restored until they are purged. A purge frees the disk and cannot be undone."
    >
      {query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data ? (
        <div className="space-y-3">
          {writable ? (
            <RuleForm key={query.data.deletedDays} project={project} days={query.data.deletedDays} />
          ) : (
            <p className="text-sm">
              {query.data.deletedDays === null
                ? "They stay until somebody purges them."
                : `They are purged after ${query.data.deletedDays} days.`}
            </p>
          )}
          {query.data.purges.map((purge) => (
            <PurgeState key={purge.id} purge={purge} />
          ))}
        </div>
      ) : query.error ? null : (
        <Skeleton className="h-16 w-full" />
      )}
    </Card>
  );
}

function RuleForm({ project, days }: { project: string; days: number | null }) {
  const [text, setText] = useState(days === null ? "" : String(days));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => setRetention(project, text === "" ? null : Number(text)),
    onSuccess: async () => {
      toast.success(
        text === "" ? "Deleted runs stay until somebody purges them" : `Deleted runs are purged after ${text} days`,
      );
      await queries.invalidateQueries({ queryKey: [project, "runs", "purges"] });
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-2">
      <div className="flex items-end gap-2">
        <Field label="Purge after days" hint="Empty: never by itself." error={fieldError(save.error, "deletedDays")}>
          <Input
            type="number"
            min={1}
            max={3650}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="w-32"
          />
        </Field>
        <Button type="submit" loading={save.isPending} disabled={text === (days === null ? "" : String(days))}>
          Save
        </Button>
      </div>
      <FormError error={save.error} fields={["deletedDays"]} />
    </form>
  );
}
