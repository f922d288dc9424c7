"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Check, CircleCheck, RefreshCcw } from "lucide-react";
import { useState } from "react";
import type { AlertDto, RetrainingPlan } from "#server/monitoring/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { alertQuery } from "./queries.ts";
import { count } from "./words.ts";

/** What a person can do about an alert. `primary` on its own page, where retraining is the page's one main act. */
export function AlertActs({
  project,
  alert,
  coveredBy,
  primary = false,
}: {
  project: string;
  alert: AlertDto;
  /** Number of another alert whose retraining answers this one too. */
  coveredBy: number | null;
  primary?: boolean;
}) {
  const url = `/api/v1/projects/${project}/alerts/${alert.number}`;
  const acknowledge = useMutation({
    mutationFn: () => api(`${url}/acknowledgement`, { method: "POST" }),
    onSuccess: () => {
      toast.success(`You look after alert ${alert.number}`);
      refreshPage();
    },
    onError: (error) => {
      toast.error(error);
    },
  });
  const state = alert.retraining?.state;
  return (
    <div className="flex flex-wrap gap-1.5">
      {alert.status === "open" ? (
        <Button
          size="sm"
          icon={<Check aria-hidden />}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate()}
        >
          Acknowledge
        </Button>
      ) : null}
      <ConfirmDialog
        title={`Resolve alert ${alert.number}`}
        touches="The alert is closed for everybody. A later window that crosses the threshold opens another."
        action="Resolve"
        reason="optional"
        reasonLabel="What was found, or done"
        onConfirm={async (reason) => {
          await api(`${url}/resolution`, { method: "POST", body: { reason } });
          toast.success(`Alert ${alert.number} is resolved`);
          refreshPage();
        }}
        trigger={
          <Button size="sm" icon={<CircleCheck aria-hidden />}>
            Resolve
          </Button>
        }
      />
      {alert.kind !== "service" && coveredBy === null && (state === undefined || state === "failed") ? (
        <Retrain project={project} alert={alert} primary={primary} again={state === "failed"} />
      ) : null}
    </div>
  );
}

function Retrain({
  project,
  alert,
  primary,
  again,
}: {
  project: string;
  alert: AlertDto;
  primary: boolean;
  again: boolean;
}) {
  const [open, setOpen] = useState(false);
  const plan = useQuery({ ...alertQuery(project, alert.number), enabled: open });
  return (
    <ConfirmDialog
      title={`Retrain for alert ${alert.number}`}
      touches={plan.data ? sentenceOf(plan.data.plan) : "The captured traffic is being counted…"}
      action={again ? "Retrain again" : "Retrain"}
      open={open}
      onOpenChange={setOpen}
      onConfirm={async () => {
        if (plan.data && !plan.data.plan.possible)
          throw new Error(plan.data.plan.reason ?? "Retraining is not possible.");
        await api(`/api/v1/projects/${project}/alerts/${alert.number}/retraining`, { method: "POST" });
        toast.success("Retraining has begun");
        refreshPage();
      }}
      trigger={
        <Button size="sm" variant={primary ? "primary" : "secondary"} icon={<RefreshCcw aria-hidden />}>
          {again ? "Retrain again" : "Retrain"}
        </Button>
      }
    >
      {plan.error ? <ErrorNote error={plan.error} onRetry={() => void plan.refetch()} /> : null}
    </ConfirmDialog>
  );
}

/** What will happen, step by step, in words. */
function sentenceOf(plan: RetrainingPlan): string {
  if (!plan.possible) return plan.reason ?? "Retraining is not possible now.";
  const data =
    plan.capturedRows > 0
      ? `${plan.dataset ?? ""} gets version ${plan.nextVersion ?? ""}: the ${count(plan.baseRows)} rows of version ${plan.basedOn ?? ""} and ${count(plan.capturedRows)} captured predictions up to the end of ${plan.until} whose outcome is known.`
      : `No outcome is known yet, so the newest version of ${plan.dataset ?? "the dataset"} is used as it is.`;
  const asked = plan.reviewers.length > 0 ? plan.reviewers.join(" or ") : "a reviewer";
  return `${data} Then ${plan.pipeline} runs on it, and if it registers a version, its promotion is requested: ${asked} will be asked to decide. Nothing that serves changes before that.`;
}
