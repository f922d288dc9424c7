"use client";

import { ChevronRight } from "lucide-react";
import type { CheckDto, RequestDetail } from "#server/governance/contract.ts";
import { ruleText, type SelectionDto } from "#server/tracking/contract.ts";
import { AliasBadge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { DetailLayout } from "#components/ui/detail-layout.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { LiveRefresh } from "#components/ui/live.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { RefreshEvery } from "#components/ui/refresh-every.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { Verdict, VerdictBanner, type VerdictValue } from "#components/ui/verdict.tsx";
import { Evidence } from "./check-evidence.tsx";
import { Conversation } from "./conversation.tsx";
import type { RolloutDto } from "#server/serving/contract.ts";
import { DecisionCard } from "./decision-card.tsx";
import { RolloutCard } from "./rollout-card.tsx";
import { VersionDifference } from "./version-difference.tsx";

const VERDICTS = new Set<string>(["superior", "non_inferior", "inferior", "inconclusive", "invalid"]);
const isVerdict = (value: string | null): value is VerdictValue => value !== null && VERDICTS.has(value);

/** What the page says first: the primary comparison if there is one, else how far the checks are. */
function Headline({ request }: { request: RequestDetail }) {
  const primary = request.checkResults.find((check) => check.kind === "holdout");
  const open = request.checkResults.filter((check) => check.state !== "passed");
  const detail =
    open.length === 0
      ? `All ${request.checks.total} checks passed.`
      : request.status === "checking"
        ? `${request.checks.passed} of ${request.checks.total} checks done.`
        : `${open.length === 1 ? "One check does" : `${open.length} checks do`} not pass: ${open.map((check) => check.checkId).join(", ")}.`;
  if (primary && isVerdict(primary.verdict))
    return <VerdictBanner value={primary.verdict} sentence={primary.summary} detail={detail} />;
  return (
    <div className="rounded-md border border-l-4 border-l-line-strong bg-surface px-4 py-3">
      <p className="text-lg font-medium">
        {primary?.summary ? primary.summary : "The checks are running; their results appear here one by one."}
      </p>
      <p className="mt-1 text-muted">{detail}</p>
    </div>
  );
}

function Check({ check, open }: { check: CheckDto; open: boolean }) {
  return (
    <details className="group rounded-md border bg-surface" open={open}>
      <summary className="flex cursor-pointer list-none items-center gap-3 px-3 py-2 [&::-webkit-details-marker]:hidden">
        <ChevronRight className="size-3.5 shrink-0 text-muted transition-transform group-open:rotate-90" aria-hidden />
        <StatusBadge status={check.state} />
        <span className="shrink-0 font-mono text-xs">{check.checkId}</span>
        <span className="min-w-0 flex-1 truncate group-open:whitespace-normal">
          {check.summary || (check.state === "running" ? "is being carried out" : "waits")}
        </span>
        {isVerdict(check.verdict) ? <Verdict value={check.verdict} /> : null}
      </summary>
      <div className="border-t p-4">
        <Evidence evidence={check.evidence} />
        {check.finishedAt ? (
          <p className="mt-3 text-2xs text-muted">
            Carried out <Time at={check.finishedAt} /> by the platform on stored rows.
          </p>
        ) : null}
      </div>
    </details>
  );
}

/** The decision page of a promotion request: verdict, evidence in the order a doubter asks, what is not known, the acts. */
export function RequestPage({
  project,
  request,
  rollout,
  scopes,
}: {
  project: string;
  request: RequestDetail;
  rollout: RolloutDto | null;
  scopes: readonly string[];
}) {
  const { challenger, champion } = request;
  const firstHoldout = request.checkResults.find((check) => check.kind === "holdout")?.id;
  return (
    <>
      <LiveRefresh topics={["reviews", "models"]} />
      {/* Checks can end within the time of one rendering; a change that falls into it would stay unseen. */}
      {request.status === "checking" ? <RefreshEvery seconds={3} /> : null}
      {/* What is counted of a challenger changes all the time; who looks at it wants to see it come. */}
      {request.status === "rolling_out" ? <RefreshEvery seconds={5} /> : null}
      <PageHeader
        title={`Make ${challenger.model} version ${challenger.version} champion`}
        breadcrumb={[{ label: `#${request.number}` }]}
        badge={<StatusBadge status={request.status} />}
        meta={
          <>
            <span>
              Requested by {request.requestedBy} <Time at={request.createdAt} />
            </span>
            {request.reason ? <span>“{request.reason}”</span> : null}
          </>
        }
      />
      <DetailLayout aside={<Aside project={project} request={request} scopes={scopes} />}>
        <div className="flex flex-col gap-6">
          {rollout ? <RolloutCard project={project} rollout={rollout} /> : null}
          <Headline request={request} />
          <Section
            title="Checks"
            description={`What the policy asks for, in its order. Evaluation ${request.evaluation}.`}
          >
            <div className="flex flex-col gap-2">
              {request.checkResults.map((check) => (
                <Check
                  key={check.id}
                  check={check}
                  open={check.id === firstHoldout || ["failed", "error", "inconclusive"].includes(check.state)}
                />
              ))}
            </div>
          </Section>
          <Section title="Champion and challenger" description="What is different from the version that serves now.">
            <VersionDifference project={project} champion={champion} challenger={challenger} />
          </Section>
          {request.selection ? <Chosen project={project} selection={request.selection} /> : null}
          <Section title="What is not known">
            <ul className="flex list-disc flex-col gap-1 pl-5">
              {request.unknowns.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </Section>
          <Conversation project={project} request={request} scopes={scopes} />
          <Section title="Policy" description={`Version ${request.policy.version}, as it was applied.`}>
            <CodeBlock code={request.policy.text} title="policy.yaml" maxHeight={320} />
          </Section>
        </div>
      </DetailLayout>
    </>
  );
}

/** The rule by which the run of the version was taken, as it was recorded then. */
function Chosen({ project, selection }: { project: string; selection: SelectionDto }) {
  const { chosen, rule } = selection;
  return (
    <Section title="How its run was chosen" description="By a rule that was recorded with all its candidates.">
      <Card>
        <KeyValue
          items={[
            { label: "Rule", value: ruleText(rule) },
            chosen && {
              label: "Result",
              value: (
                <>
                  <TextLink href={`/p/${project}/experiments/runs/${chosen.runId}?tab=origin`}>{chosen.name}</TextLink>{" "}
                  with {rule.metric} {formatNumber(chosen.value, 6)}, as it logged it itself
                </>
              ),
            },
            { label: "Candidates", value: `${selection.eligible} eligible of ${plural(selection.total, "run")}` },
            ...selection.notes.map((note) => ({ label: "Note", value: note })),
            {
              label: "Recorded",
              value: (
                <>
                  by {selection.createdBy}, <Time at={selection.createdAt} />
                </>
              ),
            },
          ]}
        />
      </Card>
    </Section>
  );
}

function Aside({ project, request, scopes }: { project: string; request: RequestDetail; scopes: readonly string[] }) {
  const { challenger, champion, digestParts: parts } = request;
  const versionHref = (version: number): string =>
    `/p/${project}/models/${encodeURIComponent(request.model)}/${version}`;
  return (
    <div className="flex flex-col gap-4">
      <DecisionCard project={project} request={request} scopes={scopes} />
      <Card title="At a glance">
        <KeyValue
          items={[
            {
              label: "Challenger",
              value: (
                <span className="flex items-center gap-2">
                  <TextLink href={versionHref(challenger.version)}>version {challenger.version}</TextLink>
                  <AliasBadge alias="challenger" />
                </span>
              ),
            },
            {
              label: "Champion",
              value: champion ? (
                <span className="flex items-center gap-2">
                  <TextLink href={versionHref(champion.version)}>version {champion.version}</TextLink>
                  <AliasBadge alias="champion" />
                </span>
              ) : (
                "none yet"
              ),
            },
            challenger.dataset !== null && {
              label: "Trained on",
              value: (
                <TextLink href={`/p/${project}/data/${challenger.dataset.name}?version=${challenger.dataset.version}`}>
                  {challenger.dataset.name} version {challenger.dataset.version}
                </TextLink>
              ),
            },
            challenger.runId !== null && {
              label: "Run",
              value: (
                <TextLink href={`/p/${project}/experiments/runs/${challenger.runId}`}>
                  {challenger.runId.slice(0, 8)}
                </TextLink>
              ),
            },
            challenger.pipelineRun !== null && {
              label: "Pipeline run",
              value: (
                <TextLink href={`/p/${project}/pipelines/runs/${challenger.pipelineRun.number}`}>
                  #{challenger.pipelineRun.number} {challenger.pipelineRun.pipeline}
                </TextLink>
              ),
            },
            challenger.commit !== null && { label: "Commit", value: <Hash value={challenger.commit} /> },
            request.trigger.kind === "retraining" && { label: "Started by", value: "retraining after an alert" },
          ]}
        />
      </Card>
      <Card title="What an approval is bound to" description="If any of this changes, approvals become void.">
        {request.digest && parts ? (
          <KeyValue
            items={[
              { label: "Digest", value: <Hash value={request.digest} length={16} /> },
              { label: "Model file", value: parts.model.sha256 ? <Hash value={parts.model.sha256} /> : "none" },
              { label: "Data", value: parts.dataset ? <Hash value={parts.dataset.sha256} /> : "none" },
              { label: "Code", value: parts.code ? <Hash value={parts.code} /> : "none" },
              {
                label: "Policy",
                value: (
                  <>
                    version {parts.policy.version} <Hash value={parts.policy.sha256} />
                  </>
                ),
              },
              {
                label: "Evaluation",
                value: (
                  <>
                    {parts.evaluation.number} <Hash value={parts.evaluation.results} />
                  </>
                ),
              },
              { label: "Champion", value: parts.base?.sha256 ? <Hash value={parts.base.sha256} /> : "none" },
            ]}
          />
        ) : (
          <p className="text-muted">The digest is taken when the checks are done.</p>
        )}
      </Card>
    </div>
  );
}
