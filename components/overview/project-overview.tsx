import { LayoutDashboard } from "lucide-react";
import { PipelineStatus } from "#components/pipelines/parts/step-status.tsx";
import { LinkButton, TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { formatDate, plural } from "#components/ui/format.ts";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Duration, Elapsed, Time } from "#components/ui/values.tsx";
import { can } from "#server/identity/contract.ts";
import type { ProjectOverview, Promotion } from "#server/overview/contract.ts";
import { LiveModelCard } from "./live-model-card.tsx";
import { effectSentence, names } from "./words.ts";

/** What a project has live and how well it does, for everybody; what moves in it, for those who work on it. */
export function ProjectOverviewPage({ overview }: { overview: ProjectOverview }) {
  const { project, live, promotions, requests, runs } = overview;
  const alerts = live.reduce((sum, model) => sum + model.alerts.length, 0);
  return (
    <>
      <LiveRefresh topics={["endpoints", "models", "monitors", "pipelines", "reviews"]} />
      <PageHeader
        title={project.name}
        meta={
          <>
            {project.description === "" ? null : <span>{project.description}</span>}
            <span>{plural(live.filter((model) => model.health === "live").length, "model")} live</span>
            {alerts === 0 ? null : <span>{plural(alerts, "open alert")}</span>}
          </>
        }
      />
      <div className="space-y-4">
        {live.length === 0 ? (
          <Card>
            <NothingLive overview={overview} />
          </Card>
        ) : (
          live.map((model) => <LiveModelCard key={model.endpoint} model={model} scopes={project.scopes} />)
        )}
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Promotions project={project.slug} promotions={promotions} />
          <div className="space-y-4">
            {can(project.scopes, "governance:comment") ? <Requests project={project.slug} requests={requests} /> : null}
            {runs === null ? null : <Runs project={project.slug} runs={runs} />}
          </div>
        </div>
      </div>
    </>
  );
}

/** The next step of whoever may take it; for others what will stand here. */
function NothingLive({ overview: { project, counts } }: { overview: ProjectOverview }) {
  const base = `/p/${project.slug}`;
  const step =
    counts.datasets === 0 && can(project.scopes, "data:write")
      ? { say: "Start with data: upload a CSV or Parquet file.", label: "Go to data", href: `${base}/data` }
      : counts.models === 0 && can(project.scopes, "pipelines:run")
        ? { say: "Run a pipeline that registers a model.", label: "Go to pipelines", href: `${base}/pipelines` }
        : can(project.scopes, "governance:request")
          ? { say: "Request the promotion of a model version.", label: "Go to models", href: `${base}/models` }
          : null;
  return (
    <EmptyState
      icon={<LayoutDashboard aria-hidden />}
      action={
        step ? (
          <LinkButton variant="primary" href={step.href}>
            {step.label}
          </LinkButton>
        ) : undefined
      }
    >
      Nothing is live yet. {step?.say ?? "When a promotion is approved, this page says what answers and how well."}
    </EmptyState>
  );
}

function Promotions({ project, promotions }: { project: string; promotions: readonly Promotion[] }) {
  return (
    <Card title="Last promotions" description="What changed, and what it did">
      {promotions.length === 0 ? (
        <p className="text-sm text-muted">No version was promoted yet.</p>
      ) : (
        <ol className="space-y-3">
          {promotions.map((promotion) => (
            <li key={promotion.number} className="space-y-0.5 text-sm">
              <p>
                <TextLink href={`/p/${project}/reviews/${promotion.number}`} className="font-medium">
                  {promotion.model} version {promotion.version}
                </TextLink>{" "}
                {promotion.baseVersion === null
                  ? "became the first champion"
                  : `took the place of version ${promotion.baseVersion}`}{" "}
                on {formatDate(promotion.at)}
                {promotion.approvedBy.length === 0 ? "" : `, approved by ${names(promotion.approvedBy)}`}.
              </p>
              {promotion.headline === null ? null : <p className="text-muted">Before: {promotion.headline}</p>}
              <p className="text-muted">Since: {effectSentence(promotion)}</p>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Requests({ project, requests }: { project: string; requests: ProjectOverview["requests"] }) {
  return (
    <Card title="Open promotion requests">
      {requests.length === 0 ? (
        <p className="text-sm text-muted">No request is open.</p>
      ) : (
        <ul className="space-y-2 text-sm">
          {requests.slice(0, 6).map((request) => (
            <li key={request.id} className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <TextLink href={`/p/${project}/reviews/${request.number}`} className="font-medium">
                #{request.number} {request.model} version {request.version}
              </TextLink>
              <StatusBadge status={request.status} />
              <span className="text-muted">
                by {request.requestedBy}, <Time at={request.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Runs({ project, runs }: { project: string; runs: NonNullable<ProjectOverview["runs"]> }) {
  return (
    <Card title="Newest pipeline runs">
      {runs.length === 0 ? (
        <p className="text-sm text-muted">No pipeline has run yet.</p>
      ) : (
        <ul className="space-y-2 text-sm">
          {runs.map((run) => (
            <li key={run.id} className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <TextLink href={`/p/${project}/pipelines/runs/${run.number}`} className="font-medium">
                {run.pipeline} #{run.number}
              </TextLink>
              <PipelineStatus status={run.status} />
              <span className="text-muted">
                by {run.createdBy}, <Time at={run.createdAt} />,{" "}
                {run.durationMs === null ? (
                  <Elapsed from={run.startedAt ?? run.createdAt} to={run.finishedAt} />
                ) : (
                  <Duration ms={run.durationMs} />
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
