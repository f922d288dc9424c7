"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Split } from "lucide-react";
import { useState } from "react";
import { type ArmCandidate, type ArmDto, ArmKind, type EndpointDetail } from "#server/serving/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { RadioGroup } from "#components/ui/toggle.tsx";
import { endpointPath } from "../queries.ts";
import { useChanged } from "./arm-acts.tsx";
import { candidatesQuery } from "./arm-queries.ts";
import { ARM_IN_TEXT, ARM_NAMES, shareOf, startConsequence } from "./arm-words.ts";

const KINDS = [
  { value: "shadow", label: "Shadow", hint: "Scores what the champion answers; its own answers go to nobody." },
  { value: "ab", label: "A/B", hint: "A fixed share of the requests, for a comparison by outcomes." },
  { value: "canary", label: "Canary", hint: "A small share first, which can grow or shrink." },
];
const FIRST_SHARE: Readonly<Record<ArmKind, string>> = { shadow: "", ab: "50", canary: "5" };

/** Lets a version take part in the traffic beside the champion. */
export function StartArm({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title="Let a version take part"
      description={`Beside version ${endpoint.live?.version ?? ""}, the champion of ${endpoint.model}.`}
      size="md"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" icon={<Split aria-hidden />}>
          Start shadow, A/B or canary
        </Button>
      }
    >
      {open ? <StartForm project={project} endpoint={endpoint} close={() => setOpen(false)} /> : null}
    </Dialog>
  );
}

function StartForm({ project, endpoint, close }: { project: string; endpoint: EndpointDetail; close: () => void }) {
  const changed = useChanged(project);
  const candidates = useQuery({ ...candidatesQuery(project, endpoint.name), staleTime: 0 });
  const [kind, setKind] = useState<ArmKind>("shadow");
  const [chosen, setChosen] = useState("");
  const [percent, setPercent] = useState("");
  const free = candidates.data?.filter((one) => one.why[kind] === null) ?? [];
  const version = free.some((one) => String(one.version) === chosen) ? chosen : "";
  const share = shareOf(percent);
  const start = useMutation({
    mutationFn: () =>
      api<ArmDto>(endpointPath(project, endpoint.name, "/arms"), {
        body: { kind, version, ...(kind === "shadow" ? {} : { share: Number.isNaN(share) ? percent : share }) },
      }),
    onSuccess: async (arm) => {
      close();
      toast.success(`Version ${arm.version} takes part as ${ARM_NAMES[arm.kind].toLowerCase()}`);
      await changed();
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <RadioGroup
        label="As what"
        options={KINDS}
        value={kind}
        onValueChange={(value) => {
          const next = ArmKind.parse(value);
          setKind(next);
          setPercent(FIRST_SHARE[next]);
          start.reset();
        }}
      />
      {candidates.isPending ? (
        <Skeleton className="h-14 w-full" />
      ) : candidates.isError ? (
        <ErrorNote error={candidates.error} onRetry={() => void candidates.refetch()} />
      ) : (
        <>
          <div className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_10rem]">
            <Field label={`Version of ${endpoint.model}`} error={fieldError(start.error, "version")}>
              <Select
                value={version}
                disabled={free.length === 0}
                placeholder={free.length === 0 ? "No version can be chosen" : "Choose a version"}
                onValueChange={setChosen}
                options={free.map((one) => ({
                  value: String(one.version),
                  label: [`version ${one.version}`, ...one.aliases].join(", "),
                }))}
              />
            </Field>
            {kind === "shadow" ? null : (
              <Field label="Share (%)" error={fieldError(start.error, "share")}>
                <Input inputMode="decimal" value={percent} onChange={(event) => setPercent(event.target.value)} />
              </Field>
            )}
          </div>
          <NotFree candidates={candidates.data} kind={kind} />
        </>
      )}
      <p className="rounded-md bg-raised px-3 py-2 text-sm" role="status">
        {startConsequence(kind, version, share)}
      </p>
      <FormError error={start.error} fields={["version", "share"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" disabled={version === ""} loading={start.isPending}>
          Start {ARM_IN_TEXT[kind]}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** Why the other versions cannot be chosen. */
function NotFree({ candidates, kind }: { candidates: readonly ArmCandidate[]; kind: ArmKind }) {
  const others = candidates.filter((one) => one.why[kind] !== null);
  if (others.length === 0) return null;
  return (
    <div className="text-xs">
      <p className="font-medium">Cannot be chosen</p>
      <ul className="mt-1 max-h-32 space-y-1 overflow-y-auto text-muted" aria-label="Versions that cannot be chosen">
        {others.map((one) => (
          <li key={one.versionId}>
            <span className="font-medium whitespace-nowrap">version {one.version}</span>: {one.why[kind]}
          </li>
        ))}
      </ul>
    </div>
  );
}
