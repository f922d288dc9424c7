"use client";

import { Link2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { plural } from "#components/ui/format.ts";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { toast } from "#components/ui/toast.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type { RunMarkDto, RunSummaryDto } from "#server/tracking/contract.ts";
import { CompareDifferences } from "./compare-differences.tsx";
import { CompareRuns } from "./compare-runs.tsx";
import { comparedRows, distinctNames } from "./comparison.ts";
import { MetricGrid } from "./metric-charts.tsx";
import { brushesOf, chosenRuns } from "./parallel-axes.ts";
import { type RunViews, useRunViews } from "./run-views.ts";

const loading = () => <div className="bone h-60 w-full" />;
// Each way to compare brings its own charts; who reads the lines of metrics should not wait for those of the others.
const CompareParallel = dynamic(() => import("./compare-parallel.tsx").then((module) => module.CompareParallel), {
  loading,
});
const CompareScatter = dynamic(() => import("./compare-scatter.tsx").then((module) => module.CompareScatter), {
  loading,
});
const CompareContour = dynamic(() => import("./compare-contour.tsx").then((module) => module.CompareContour), {
  loading,
});
const CompareBoxes = dynamic(() => import("./compare-boxes.tsx").then((module) => module.CompareBoxes), { loading });
const CompareImportance = dynamic(() => import("./compare-importance.tsx").then((module) => module.CompareImportance), {
  loading,
});
const CompareEvaluations = dynamic(
  () => import("./compare-evaluations.tsx").then((module) => module.CompareEvaluations),
  { loading },
);
const CompareImages = dynamic(() => import("./compare-images.tsx").then((module) => module.CompareImages), { loading });

interface ComparePageProps {
  readonly project: string;
  readonly found: readonly RunSummaryDto[];
  /** How many runs the address asks for. */
  readonly asked: number;
  /** The runs come from a search, not from a list of ids. */
  readonly searched: boolean;
  /** What the reader marked runs of the project with. */
  readonly marks: readonly RunMarkDto[];
}

/**
 * Runs beside each other: their metrics over time, what differs, which parameters matter, how well they predict. The address holds the whole view,
 * so a copied link shows the same.
 */
export function ComparePage({ project, found, asked, searched, marks }: ComparePageProps) {
  const search = useSearch();
  const ids = search.get("runs");
  const brushed = search.get("brush") ?? "";
  const runs = useMemo(() => {
    if (searched && ids === null) return found;
    const kept = new Set((ids ?? "").split(","));
    return found.filter((run) => kept.has(run.id));
  }, [found, ids, searched]);
  const names = useMemo(() => distinctNames(runs), [runs]);
  const rows = useMemo(() => comparedRows(runs), [runs]);
  const chosen = useMemo(() => chosenRuns(runs, brushesOf(brushed)), [runs, brushed]);
  const views = useRunViews(project, names, chosen, marks);
  const metrics = useMemo(() => [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort(), [runs]);
  const shown = useMemo(() => runs.filter((run) => !views.hidden.has(run.id)), [runs, views.hidden]);
  const differing = rows.filter((row) => row.differs);
  const back = `/p/${project}/experiments`;

  if (runs.length < 2)
    return (
      <>
        <PageHeader title="Compare runs" breadcrumb={[{ label: "Compare" }]} />
        <EmptyState
          action={
            <LinkButton href={back} size="sm">
              Choose runs
            </LinkButton>
          }
        >
          {searched && runs.length === 0
            ? "The search finds no runs here."
            : asked > 1
              ? `Of the ${asked} runs that the address names, ${runs.length === 0 ? "none is" : `only ${runs.length} is`} here: they were purged, or are of another project.`
              : "Select two or more runs in the table of runs, then Compare."}
        </EmptyState>
      </>
    );
  const remove = (id: string): void =>
    setSearchParams({
      runs: runs
        .filter((run) => run.id !== id)
        .map((run) => run.id)
        .join(","),
    });
  return (
    <>
      <LiveRefresh topics={["runs"]} />
      <PageHeader
        title={`Compare ${plural(runs.length, "run")}`}
        breadcrumb={[{ label: "Compare" }]}
        meta={
          <>
            <span>
              {differing.length === 0 ? "No difference" : plural(differing.length, "difference")} in {rows.length}{" "}
              compared
            </span>
            {chosen === null ? null : <span>{plural(chosen.size, "run")} within the brushes</span>}
            {!searched && found.length < asked ? (
              <span>{plural(asked - found.length, "run")} not found in this project</span>
            ) : null}
          </>
        }
        actions={
          <>
            <CopyLink views={views} />
            <LinkButton href={back} size="sm">
              Choose other runs
            </LinkButton>
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
        <CompareRuns project={project} runs={names} views={views} />
        <Tabs
          label="Ways to compare"
          tabs={[
            {
              id: "differences",
              label: "Differences",
              count: differing.length,
              content: (
                <CompareDifferences
                  project={project}
                  runs={runs}
                  names={names}
                  views={views}
                  onRemove={runs.length > 2 ? remove : null}
                />
              ),
            },
            {
              id: "metrics",
              label: "Metrics",
              count: metrics.length,
              content: (
                <MetricGrid
                  project={project}
                  runs={names}
                  metrics={metrics}
                  views={views}
                  live={runs.some((run) => run.status === "RUNNING")}
                />
              ),
            },
            { id: "parallel", label: "Parallel", content: <CompareParallel runs={runs} views={views} /> },
            { id: "scatter", label: "Scatter", content: <CompareScatter runs={shown} names={names} views={views} /> },
            { id: "contour", label: "Contour", content: <CompareContour runs={shown} views={views} /> },
            { id: "boxes", label: "Boxes", content: <CompareBoxes runs={shown} views={views} /> },
            {
              id: "importance",
              label: "Importance",
              content: <CompareImportance project={project} runs={runs} metrics={metrics} />,
            },
            {
              id: "evaluations",
              label: "Evaluations",
              content: <CompareEvaluations project={project} views={views} runs={names} />,
            },
            { id: "images", label: "Images", content: <CompareImages project={project} views={views} /> },
          ]}
        />
      </div>
    </>
  );
}

/** Copies the address of exactly this view. */
function CopyLink({ views }: { views: RunViews }) {
  const copy = async (): Promise<void> => {
    try {
      // Charts change the address without drawing the page anew, so it is read when asked for. Marks are the reader's own and would not come along.
      const url = new URL(window.location.href);
      for (const [name, value] of Object.entries(views.address())) url.searchParams.set(name, value);
      await navigator.clipboard.writeText(url.href);
      toast.success("The link to this view is copied.");
    } catch {
      toast.info("Copying is not allowed here.", { detail: "The address of the page is the link." });
    }
  };
  return (
    <Button size="sm" icon={<Link2 aria-hidden />} onClick={() => void copy()}>
      Copy link
    </Button>
  );
}
