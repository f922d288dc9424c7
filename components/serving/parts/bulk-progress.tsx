"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import type { BulkProgress } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { formatDuration, formatNumber } from "#components/ui/format.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { ProgressBar } from "#components/ui/progress-bar.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";

/** How far long work is, how fast, how long it takes still, what went wrong; and the button that ends it. */
export function BulkState({
  project,
  work,
  what,
  cancelPath,
}: {
  project: string;
  work: BulkProgress;
  /** "Scoring", "Exporting". */
  what: string;
  /** Null for whoever may not cancel. */
  cancelPath: string | null;
}) {
  const { status, error } = work;
  if (status === "failed")
    return (
      <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm">
        <p className="font-medium">{error?.message ?? "It failed."}</p>
        {error?.remedy ? <p className="text-muted">{error.remedy}</p> : null}
      </div>
    );
  if (status === "cancelled")
    return (
      <p className="text-sm text-muted">
        Cancelled by {work.cancelledBy ?? "somebody"} <Time at={work.finishedAt} />; nothing was kept.
      </p>
    );
  if (status === "done") return <Summary work={work} />;
  const rate = work.rowsPerSecond === null ? "" : ` · ${formatNumber(Math.round(work.rowsPerSecond))} rows/s`;
  const label = work.cancelling
    ? "Being cancelled"
    : status === "queued"
      ? "Waits for a worker"
      : work.phase === "writing"
        ? "Writing the file"
        : `${what}${rate}`;
  return (
    <ProgressBar
      label={label}
      done={work.rowsDone}
      total={work.rowsTotal}
      unit="rows"
      format={(rows) => rows.toLocaleString("en-GB")}
      leftMs={work.secondsLeft === null ? null : work.secondsLeft * 1000}
      cancel={cancelPath === null || work.cancelling ? undefined : <Cancel project={project} path={cancelPath} />}
    />
  );
}

function Summary({ work }: { work: BulkProgress }) {
  const ms = work.startedAt && work.finishedAt ? Date.parse(work.finishedAt) - Date.parse(work.startedAt) : null;
  return (
    <p className="text-sm text-muted" data-number>
      {work.rowsDone.toLocaleString("en-GB")} rows in {formatDuration(ms)}
      {work.rowsPerSecond === null ? "" : `, ${formatNumber(Math.round(work.rowsPerSecond))} rows/s`}
    </p>
  );
}

function Cancel({ project, path }: { project: string; path: string }) {
  const queries = useQueryClient();
  const cancel = async (): Promise<void> => {
    try {
      await api(path, { method: "POST", body: {} });
    } catch (error) {
      toast.error(error);
    }
    await queries.invalidateQueries({ queryKey: [project, "bulk"] });
    refreshPage();
  };
  return (
    <Button size="sm" icon={<CircleX aria-hidden />} onClick={() => void cancel()}>
      Cancel
    </Button>
  );
}
