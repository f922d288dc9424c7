"use client";

import { useMutation } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ServiceDetail } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { plural } from "#components/ui/format.ts";
import { Input, Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { StopResume } from "../stop-resume.tsx";
import { PublishDialog } from "./publish-dialog.tsx";
import { servicePath } from "./queries.ts";

const DONE = { stop: "is stopped", resume: "answers again", unpublish: "is unpublished" };

/** Publish anew, edit, stop, resume, unpublish. */
export function ServiceActs({ project, service }: { project: string; service: ServiceDetail }) {
  const { name, health, path } = service;
  const act = async (what: keyof typeof DONE, reason: string): Promise<void> => {
    await api(servicePath(project, name, `/${what}`), { body: { reason } });
    toast.success(`${name} ${DONE[what]}`);
    refreshPage();
  };
  const { requests } = service.lastHour;
  const used =
    requests > 0 ? `In the last hour it had ${plural(requests, "request")}.` : "Nobody called it in the last hour.";
  if (health === "unpublished") return <PublishDialog project={project} path={path} />;
  return (
    <>
      {service.newerCommit === null ? null : <PublishDialog project={project} path={path} />}
      <EditDialog project={project} service={service} />
      <StopResume
        name={name}
        isStopped={health === "stopped"}
        resumeTouches="It answers again within a second."
        stopTouches={used}
        onAct={act}
      />
      <ConfirmDialog
        title={`Unpublish ${name}?`}
        touches={`Callers get 404, its process ends. Its log and its record stay, and the name stays with this project. ${used}`}
        action={`Unpublish ${name}`}
        danger
        reason="required"
        onConfirm={(reason) => act("unpublish", reason)}
        trigger={<Button icon={<Trash2 aria-hidden />}>Unpublish</Button>}
      />
    </>
  );
}

const FIELDS = ["description", "memoryMb", "cpu", "timeoutMs", "redaction"];

function EditDialog({ project, service }: { project: string; service: ServiceDetail }) {
  const [open, setOpen] = useState(false);
  const [facts, setFacts] = useState({
    description: service.description,
    memory: String(service.memoryMb),
    cpu: String(service.cpu),
    timeout: String(service.timeoutMs / 1000),
    redaction: rulesText(service.redaction),
  });
  const change = (part: Partial<typeof facts>) => setFacts({ ...facts, ...part });
  const save = useMutation({
    mutationFn: () =>
      api(servicePath(project, service.name), {
        method: "PATCH",
        body: {
          description: facts.description,
          memoryMb: Number(facts.memory),
          cpu: Number(facts.cpu),
          timeoutMs: Number(facts.timeout) * 1000,
          redaction: rulesOf(facts.redaction),
        },
      }),
    onSuccess: () => {
      setOpen(false);
      refreshPage();
    },
  });
  const number = (label: string, key: "memory" | "cpu" | "timeout", field: string) => (
    <Field label={label} error={fieldError(save.error, field)}>
      <Input inputMode="decimal" value={facts[key]} onChange={(event) => change({ [key]: event.target.value })} />
    </Field>
  );
  return (
    <Dialog
      title={`Edit ${service.name}`}
      description="New limits mean a new process; the one before answers until it is there."
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
          <Textarea
            rows={2}
            value={facts.description}
            onChange={(event) => change({ description: event.target.value })}
          />
        </Field>
        <div className="grid grid-cols-3 gap-3">
          {number("Memory (MB)", "memory", "memoryMb")}
          {number("Processors", "cpu", "cpu")}
          {number("Time limit (s)", "timeout", "timeoutMs")}
        </div>
        <Field
          label="Fields that the log must not keep"
          hint="One a line: customer.name drop, or customer.id hash."
          error={fieldError(save.error, "redaction")}
        >
          <Textarea
            mono
            rows={3}
            value={facts.redaction}
            onChange={(event) => change({ redaction: event.target.value })}
          />
        </Field>
        <FormError error={save.error} fields={FIELDS} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={save.isPending}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function rulesText(rules: ServiceDetail["redaction"]): string {
  return Object.entries(rules)
    .map(([field, rule]) => `${field} ${rule}`)
    .join("\n");
}

/** Lines as rules; what is no rule is sent as it is, so that the server can say what is wrong with it. */
function rulesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([field = ""]) => field !== "")
      .map(([field = "", rule = ""]) => [field, rule]),
  );
}
