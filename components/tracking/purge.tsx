"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Flame } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatBytes, plural } from "#components/ui/format.ts";
import { Input } from "#components/ui/input.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { ProgressBar } from "#components/ui/progress-bar.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";
import type { KeptDto, PurgeDto, PurgePlanDto, PurgeWanted } from "#server/retention/contract.ts";
import { purgePlanQuery, purgesQuery, startPurge } from "./purge-queries.ts";

interface Asked {
  readonly wanted: PurgeWanted;
  readonly after?: (() => void) | undefined;
}

/** Asks with what a purge takes and frees, and starts it. */
export function usePurge(project: string): {
  ask: (wanted: PurgeWanted, after?: () => void) => void;
  dialog: ReactNode;
} {
  const [asked, setAsked] = useState<Asked | null>(null);
  return {
    ask: (wanted, after) => setAsked({ wanted, after }),
    dialog: asked ? <PurgeDialog project={project} asked={asked} onClose={() => setAsked(null)} /> : null,
  };
}

function PurgeDialog({ project, asked, onClose }: { project: string; asked: Asked; onClose: () => void }) {
  const plan = useQuery(purgePlanQuery(project, asked.wanted));
  const queries = useQueryClient();
  const nothing = plan.data && plan.data.runs + plan.data.models + plan.data.experiments === 0;
  if (!plan.data || nothing)
    return (
      <Dialog title="Purge for good" open onOpenChange={onClose}>
        {plan.error ? (
          <ErrorNote error={plan.error} />
        ) : plan.data ? (
          <div className="space-y-3 text-sm">
            <p>{plan.data.keptTotal > 0 ? "Nothing of this may be purged." : "Nothing deleted is meant by this."}</p>
            <Kept kept={plan.data.kept} total={plan.data.keptTotal} />
          </div>
        ) : (
          <Skeleton className="h-24 w-full" />
        )}
      </Dialog>
    );
  return (
    <ConfirmDialog
      title="Purge for good"
      touches={<Plan plan={plan.data} />}
      action={`Purge ${subject(plan.data)}`}
      danger
      typeToConfirm="purge"
      open
      onOpenChange={onClose}
      onConfirm={async () => {
        await startPurge(project, asked.wanted);
        toast.success("The purge has started", {
          detail: "A worker removes it step by step; this page shows how far it is.",
        });
        asked.after?.();
        // Only the list of purges: what shows the run itself would ask for something that is going.
        await queries.invalidateQueries({ queryKey: [project, "runs", "purges"] });
        if (!asked.after) refreshPage();
      }}
    />
  );
}

/** "3 runs", or what else there is when no run goes. */
function subject({ runs, models, experiments }: PurgePlanDto): string {
  if (runs > 0) return plural(runs, "run");
  return experiments > 0 ? plural(experiments, "experiment") : plural(models, "model");
}

function Plan({ plan }: { plan: PurgePlanDto }) {
  return (
    <div className="space-y-3">
      <p>What is purged cannot be restored by anybody.</p>
      <KeyValue
        items={[
          { label: "Runs", value: plan.runs.toLocaleString("en") },
          plan.experiments > 0 && { label: "Experiments", value: plan.experiments.toLocaleString("en") },
          plan.models > 0 && { label: "Logged models", value: plan.models.toLocaleString("en") },
          { label: "Metric points", value: plan.points.toLocaleString("en") },
          { label: "Files", value: `${plan.files.toLocaleString("en")}, ${formatBytes(plan.bytes)}` },
          { label: "Frees", value: <strong data-testid="purge-frees">{formatBytes(plan.freed)}</strong> },
        ]}
      />
      {plan.freed < plan.bytes ? (
        <p className="text-xs text-muted">
          {formatBytes(plan.bytes - plan.freed)} are the same content as other files, datasets, model versions or
          outputs of steps, and stay for them.
        </p>
      ) : null}
      {plan.below === 0 ? null : (
        <p className="text-xs text-muted">
          {plural(plan.below, "run")} nested below {plan.below === 1 ? "stays, and its" : "stay, and their"} parent is
          no longer known.
        </p>
      )}
      <Kept kept={plan.kept} total={plan.keptTotal} />
    </div>
  );
}

function Kept({ kept, total }: { kept: readonly KeptDto[]; total: number }) {
  if (total === 0) return null;
  return (
    <div className="rounded-md border p-2 text-xs">
      <p className="mb-1 font-medium">{plural(total, "thing stays", "things stay")}:</p>
      <ul className="max-h-32 space-y-0.5 overflow-auto">
        {kept.map((one) => (
          <li key={`${one.kind}${one.id}`}>
            {one.name}: <span className="text-muted">{one.why}</span>
          </li>
        ))}
        {total > kept.length ? <li className="text-muted">and {total - kept.length} more</li> : null}
      </ul>
    </div>
  );
}

/** Purges what was deleted long enough ago, and shows the purge that goes and the last one that ended. For the view of deleted runs. */
export function PurgeOld({ project }: { project: string }) {
  const [open, setOpen] = useState(false);
  const [days, setDays] = useState("30");
  const purge = usePurge(project);
  const { data } = useQuery(purgesQuery(project));
  const [last] = data?.purges ?? [];
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-3 text-xs text-muted">
        <span className="min-w-0 flex-1">
          Deleted runs can be restored until they are purged
          {data?.deletedDays ? `, which happens by itself after ${data.deletedDays} days` : ""}.
        </span>
        <Button size="sm" icon={<Flame aria-hidden />} onClick={() => setOpen(true)}>
          Purge old ones
        </Button>
      </div>
      {last ? <PurgeState purge={last} /> : null}
      <Dialog title="Purge what was deleted" open={open} onOpenChange={setOpen}>
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            setOpen(false);
            purge.ask({ olderThanDays: Number(days) });
          }}
        >
          <Field label="Deleted at least this many days ago" hint="0 means everything that is deleted now.">
            <Input
              type="number"
              min={0}
              max={3650}
              value={days}
              onChange={(event) => setDays(event.target.value)}
              required
            />
          </Field>
          <div className="flex justify-end">
            <Button type="submit">See what it frees</Button>
          </div>
        </form>
      </Dialog>
      {purge.dialog}
    </div>
  );
}

/** The act for the chosen deleted runs. */
export function PurgeChosen({ onPurge }: { onPurge: () => void }) {
  return (
    <Button size="sm" variant="danger" icon={<Flame aria-hidden />} onClick={onPurge}>
      Purge
    </Button>
  );
}

/** How far a purge is, or what it came to. */
export function PurgeState({ purge }: { purge: PurgeDto }) {
  if (purge.status === "queued" || purge.status === "running")
    return (
      <ProgressBar
        label={purge.status === "queued" ? "A purge waits for a worker" : "Purging"}
        done={purge.runs}
        total={purge.runsTotal}
        unit="runs"
        state="running"
      />
    );
  const waiting = purge.bytes - purge.bytesFreed;
  return (
    <p className="text-xs text-muted" data-testid="purge-result">
      {purge.status === "failed" ? `The last purge failed: ${purge.error ?? ""} ` : "Last purge: "}
      {plural(purge.runs, "run")}, {plural(purge.points, "metric point")} and {plural(purge.files, "file")} removed by{" "}
      {purge.createdBy} <Time at={purge.createdAt} />
      {purge.bytesFreed > 0 ? `; ${formatBytes(purge.bytesFreed)} freed` : ""}
      {waiting > 0 ? `; ${formatBytes(waiting)} leave the disk within two hours` : ""}
      {purge.kept.length > 0 ? `; ${plural(purge.kept.length, "thing")} kept` : ""}.
    </p>
  );
}
