import { ArrowRight, Boxes, Database, RadioTower, Workflow } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { Link } from "#components/ui/link.tsx";
import { can } from "#server/identity/contract.ts";
import type { LiveModel } from "#server/overview/contract.ts";

interface Stage {
  readonly icon: ReactNode;
  readonly label: string;
  readonly text: string;
  readonly href: string | null;
}

/** Data → run → version → endpoint: where an answer comes from, each step a link for those who may follow it. */
export function LineageStrip({ model, scopes }: { model: LiveModel; scopes: readonly string[] }) {
  const { lineage, live } = model;
  if (!live) return null;
  const base = `/p/${model.project.slug}`;
  const run = lineage?.pipelineRun ?? null;
  const trackedRun =
    lineage?.runId && can(scopes, "tracking:read") ? `${base}/experiments/runs/${lineage.runId}` : null;
  const stages: Stage[] = [
    {
      icon: <Database aria-hidden />,
      label: "Data",
      text: lineage?.dataset ? `${lineage.dataset.name} version ${lineage.dataset.version}` : "not recorded",
      href: lineage?.dataset ? `${base}/data/${lineage.dataset.name}?version=${lineage.dataset.version}` : null,
    },
    {
      icon: <Workflow aria-hidden />,
      label: "Run",
      text: run === null ? (lineage?.runId ? lineage.runId.slice(0, 8) : "not recorded") : `pipeline run ${run}`,
      href: run !== null && can(scopes, "pipelines:read") ? `${base}/pipelines/runs/${run}` : trackedRun,
    },
    {
      icon: <Boxes aria-hidden />,
      label: "Version",
      text: `${model.model} version ${live.version}`,
      href: `${base}/models/${encodeURIComponent(model.model)}/${live.version}`,
    },
    {
      icon: <RadioTower aria-hidden />,
      label: "Endpoint",
      text: model.endpoint,
      href: `${base}/endpoints/${encodeURIComponent(model.endpoint)}`,
    },
  ];
  return (
    <ol aria-label="Where its answers come from" className="flex flex-wrap items-center gap-x-2 gap-y-2 text-xs">
      {stages.map((stage, index) => (
        <Fragment key={stage.label}>
          {index === 0 ? null : (
            <li aria-hidden className="text-muted">
              <ArrowRight className="size-3.5" />
            </li>
          )}
          <li className="flex min-w-0 items-center gap-1.5 rounded-md border px-2 py-1 [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:text-muted">
            {stage.icon}
            <span className="text-muted">{stage.label}</span>
            {stage.href === null ? (
              <span className="truncate">{stage.text}</span>
            ) : (
              <Link href={stage.href} className="truncate underline decoration-line-strong/70 underline-offset-2">
                {stage.text}
              </Link>
            )}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}
