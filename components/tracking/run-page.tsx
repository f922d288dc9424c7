"use client";

import { Ellipsis, Flame, Trash2, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type SyntheticEvent, useEffect, useState } from "react";
import { RegisterRun } from "#components/registry/parts/register-run.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button, TextLink } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { SkeletonPage } from "#components/ui/skeleton.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { Elapsed, Time } from "#components/ui/values.tsx";
import { useMutation } from "@tanstack/react-query";
import { fieldError } from "#components/ui/api.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { type RunDto, TAGS } from "#server/tracking/contract.ts";
import { ArtifactBrowser } from "./artifact-browser.tsx";
import { ForkButton } from "./fork-button.tsx";
import { MetricCharts } from "./metric-charts.tsx";
import { usePurge } from "./purge.tsx";
import { RunNotes } from "./note.tsx";
import { RunStatusBadge } from "./parts/run-status.tsx";
import { renameRun } from "./queries.ts";
import { useDeleteRuns, useRestoreRuns } from "./run-acts.tsx";
import { RunEvaluations } from "./run-evaluations.tsx";
import { RunFigures } from "./run-figures.tsx";
import { RunGlance, type RunLineage } from "./run-glance.tsx";
import { RunOrigin } from "./run-origin.tsx";
import { RunOverview } from "./run-overview.tsx";
import { ReproduceButton } from "./run-reproductions.tsx";

/** What the reader may do with the run. */
export interface RunRights {
  readonly write: boolean;
  readonly reproduce: boolean;
  readonly fork: boolean;
  readonly register: boolean;
}

/** One run: what it is, what it logged, where it comes from and what came of it. */
export function RunPage({
  project,
  run,
  lineage,
  may,
}: {
  project: string;
  run: RunDto;
  lineage: RunLineage;
  may: RunRights;
}) {
  // A run that is being purged is not asked for again while the page that comes next is on its way.
  const [isGoing, setGoing] = useState(false);
  const live = run.status === "RUNNING" && run.lifecycleStage === "active";
  useEffect(() => {
    // Announcements are thinned out while a run logs fast; the page of a running run also looks by itself.
    if (!live) return;
    const timer = setInterval(refreshPage, 5000);
    return () => clearInterval(timer);
  }, [live]);
  if (isGoing) return <SkeletonPage />;
  const note = run.tags.find((tag) => tag.key === TAGS.note)?.value ?? "";
  const deleted = run.lifecycleStage === "deleted";
  const made = run.pipeline !== null && run.pipeline.number !== null && run.lifecycleStage === "active";
  const roots = [{ model: null, name: "Run" }, ...lineage.models.map((m) => ({ model: m.id, name: m.name }))];
  return (
    <>
      <LiveRefresh topics={["runs"]} />
      <PageHeader
        title={run.name}
        badge={
          <>
            <RunStatusBadge status={run.status} />
            {run.lifecycleStage === "deleted" ? <Badge tone="warn">deleted</Badge> : null}
          </>
        }
        breadcrumb={[
          { label: run.experimentName, href: `/p/${project}/experiments?experiment=${run.experiment}` },
          { label: run.name },
        ]}
        meta={
          <>
            <TextLink href={`/p/${project}/experiments?experiment=${run.experiment}`}>{run.experimentName}</TextLink>
            <span>
              started <Time at={run.startTime} />
            </span>
            {live || run.endTime !== null ? (
              <span>
                {live ? "running for" : "took"} <Elapsed from={run.startTime} to={live ? null : run.endTime} />
              </span>
            ) : null}
            <span>by {run.createdBy ?? (run.userName || "Touchstone")}</span>
          </>
        }
        actions={
          <>
            {made && may.reproduce && run.status === "FINISHED" ? (
              <ReproduceButton project={project} run={run.id} />
            ) : null}
            {made && may.fork ? <ForkButton project={project} run={run.id} /> : null}
            {may.register && !deleted ? <RegisterRun project={project} run={run} /> : null}
            {may.write ? <RunActs project={project} run={run} onPurge={() => setGoing(true)} /> : null}
          </>
        }
      />
      <DetailLayout aside={<RunGlance project={project} run={run} lineage={lineage} />}>
        <RunFigures project={project} run={run} />
        <Tabs
          label="Views of the run"
          tabs={[
            {
              id: "overview",
              label: "Overview",
              content: (
                <>
                  <RunNotes project={project} run={run.id} text={note} writable={may.write && !deleted} />
                  <RunOverview project={project} run={run} />
                </>
              ),
            },
            {
              id: "metrics",
              label: "Metrics",
              count: run.metrics.length,
              content: (
                <MetricCharts
                  project={project}
                  runs={[{ id: run.id, name: run.name }]}
                  metrics={run.metrics.map((metric) => metric.key)}
                  live={live}
                />
              ),
            },
            {
              id: "artifacts",
              label: "Artifacts",
              content: (
                <ArtifactBrowser project={project} run={run.id} roots={roots} writable={may.write && !deleted} />
              ),
            },
            {
              id: "evaluations",
              label: "Evaluations",
              content: <RunEvaluations project={project} run={run.id} writable={may.write && !deleted} />,
            },
            { id: "origin", label: "Origin", content: <RunOrigin project={project} run={run.id} /> },
          ]}
        />
      </DetailLayout>
    </>
  );
}

function RunActs({ project, run, onPurge }: { project: string; run: RunDto; onPurge: () => void }) {
  const router = useRouter();
  const [renaming, setRenaming] = useState(false);
  const remove = useDeleteRuns(project);
  const restore = useRestoreRuns(project);
  const purge = usePurge(project);
  if (run.lifecycleStage === "deleted")
    return (
      <>
        <Button icon={<Undo2 aria-hidden />} onClick={() => restore([run.id])}>
          Restore
        </Button>
        <Button
          variant="danger"
          icon={<Flame aria-hidden />}
          onClick={() =>
            purge.ask({ runIds: [run.id] }, () => {
              onPurge();
              router.push(`/p/${project}/experiments?experiment=${run.experiment}&view=DELETED_ONLY`);
            })
          }
        >
          Purge
        </Button>
        {purge.dialog}
      </>
    );
  return (
    <>
      <DropdownMenu
        align="end"
        trigger={<IconButton label="Acts on this run" icon={<Ellipsis aria-hidden />} />}
        items={[
          { label: "Rename", onSelect: () => setRenaming(true) },
          "separator",
          {
            label: "Delete",
            icon: <Trash2 aria-hidden />,
            danger: true,
            onSelect: () =>
              remove.ask([run], () => router.push(`/p/${project}/experiments?experiment=${run.experiment}`)),
          },
        ]}
      />
      <Dialog title="Rename the run" open={renaming} onOpenChange={setRenaming}>
        <RenameForm project={project} run={run} onDone={() => setRenaming(false)} />
      </Dialog>
      {remove.dialog}
    </>
  );
}

function RenameForm({ project, run, onDone }: { project: string; run: RunDto; onDone: () => void }) {
  const [name, setName] = useState(run.name);
  const mutation = useMutation({
    mutationFn: () => renameRun(project, run.id, name.trim()),
    onSuccess: () => {
      onDone();
      refreshPage();
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field label="Name" error={fieldError(mutation.error, "name")} required>
        <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={250} autoFocus />
      </Field>
      <FormError error={mutation.error} fields={["name"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending} disabled={name.trim() === ""}>
          Rename
        </Button>
      </DialogFooter>
    </form>
  );
}
