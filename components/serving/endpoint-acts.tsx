"use client";

import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { Input, Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { endpointPath } from "./queries.ts";
import { StopResume } from "./stop-resume.tsx";

/** Stop, resume, edit. */
export function EndpointActs({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const act = async (what: "stop" | "resume", reason: string): Promise<void> => {
    await api(endpointPath(project, endpoint.name, `/${what}`), { body: { reason } });
    toast.success(what === "stop" ? `${endpoint.name} is stopped` : `${endpoint.name} answers again`);
    refreshPage();
  };
  const { requests } = endpoint.lastHour;
  return (
    <>
      <EditDialog project={project} endpoint={endpoint} />
      <StopResume
        name={endpoint.name}
        isStopped={endpoint.health === "stopped"}
        resumeTouches={
          endpoint.signature
            ? "It answers predictions again within a second, with the champion of its model."
            : "It answers as soon as its model has a champion."
        }
        stopTouches={
          <>
            {requests > 0
              ? `In the last hour it had ${plural(requests, "request")}. `
              : "Nobody called it in the last hour. "}
            Outcomes of earlier predictions are still taken.
          </>
        }
        onAct={act}
      />
    </>
  );
}

function EditDialog({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [open, setOpen] = useState(false);
  const [description, setDescription] = useState(endpoint.description);
  const [budget, setBudget] = useState(String(endpoint.latencyBudgetMs));
  const save = useMutation({
    mutationFn: () =>
      api(endpointPath(project, endpoint.name), {
        method: "PATCH",
        body: { description, latencyBudgetMs: Number(budget) },
      }),
    onSuccess: () => {
      setOpen(false);
      refreshPage();
    },
  });
  return (
    <Dialog
      title={`Edit ${endpoint.name}`}
      description="Its name stays: callers have it in their code."
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={<Pencil aria-hidden />}>Edit</Button>}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Description" error={fieldError(save.error, "description")}>
          <Textarea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
        <Field
          label="Latency budget (ms)"
          hint={`95 of 100 answers to a single row should take at most this long${endpoint.lastHour.p95Ms === null ? "" : `; now ${formatNumber(endpoint.lastHour.p95Ms)} ms`}.`}
          error={fieldError(save.error, "latencyBudgetMs")}
        >
          <Input inputMode="decimal" value={budget} onChange={(event) => setBudget(event.target.value)} />
        </Field>
        <FormError error={save.error} fields={["description", "latencyBudgetMs"]} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={save.isPending}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
