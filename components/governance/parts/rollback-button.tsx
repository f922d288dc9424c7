"use client";

import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useState } from "react";
import type { RollbackTargets } from "#server/governance/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button, TextLink } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";

/** Goes back to an earlier champion of a model, with a reason: at once, because that version was approved before. */
export function RollbackButton({ project, model }: { project: string; model: string }) {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const address = `/api/v1/projects/${project}/models/${encodeURIComponent(model)}/rollback`;
  const targets = useQuery({
    queryKey: ["models", project, model, "rollback"],
    queryFn: () => api<RollbackTargets>(address),
    enabled: open,
    staleTime: 0,
  });
  const possible = targets.data?.targets.filter((target) => target.refused === null) ?? [];
  const version = chosen ?? possible[0]?.version ?? null;
  const now = targets.data?.current ?? null;
  return (
    <ConfirmDialog
      title={`Roll ${model} back?`}
      touches={
        <>
          {now === null ? "" : `Version ${now} stops answering: `}
          every endpoint of the model serves the version you choose within five seconds, whose approval was verified
          again. Open promotion requests and a rollout under way become stale. Scientists, reviewers and maintainers are
          told.
        </>
      }
      action={version === null ? "Roll back" : `Roll back to version ${version}`}
      danger
      reason="required"
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setChosen(null);
      }}
      onConfirm={async (reason) => {
        const done = await api<{ version: number }>(address, {
          body: { reason, ...(version === null ? {} : { version }) },
        });
        toast.success(`Version ${done.version} is champion again`);
        refreshPage();
      }}
      trigger={<Button icon={<History aria-hidden />}>Roll back</Button>}
    >
      {targets.isPending ? <Skeleton className="h-16" /> : null}
      {targets.error ? <ErrorNote error={targets.error} /> : null}
      {targets.data?.targets.length === 0 ? (
        <p className="text-muted">There was no champion before this one, so there is nothing to go back to.</p>
      ) : null}
      {targets.data && targets.data.targets.length > 0 ? (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">Earlier champions</legend>
          {targets.data.targets.map((target) => (
            <label key={target.version} className="flex items-start gap-2 text-sm">
              <input
                type="radio"
                name="version"
                className="mt-1 accent-gold"
                disabled={target.refused !== null}
                checked={version === target.version}
                onChange={() => setChosen(target.version)}
              />
              <span className={target.refused === null ? "" : "text-muted"}>
                version {target.version}, champion since <Time at={target.since} />
                {target.refused === null ? (
                  <>
                    , approved by {target.approvedBy.join(" and ")} (
                    <TextLink href={`/p/${project}/reviews/${target.request}`}>request {target.request}</TextLink>)
                  </>
                ) : (
                  `. ${target.refused}`
                )}
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
    </ConfirmDialog>
  );
}
