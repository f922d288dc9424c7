"use client";

import { Pause, Play, TrendingUp, Undo2 } from "lucide-react";
import type { GuardReading, RolloutDto } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button, TextLink } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";

const GUARDS: Readonly<Record<GuardReading["guard"], string>> = {
  runs: "Can run",
  errors: "Errors",
  latency: "Latency",
  latency_ratio: "Latency against the champion",
  quality: "Quality",
};
const GUARD_STATES: Readonly<Record<GuardReading["state"], { status: string; label: string }>> = {
  holds: { status: "ok", label: "Holds" },
  breached: { status: "failed", label: "Breached" },
  waiting: { status: "waiting", label: "Too few data" },
};

/** How far a challenger has come: its share, what was seen of it, whether the guards hold, and what can be done. */
export function RolloutCard({ project, rollout }: { project: string; rollout: RolloutDto }) {
  const active = rollout.state === "running" || rollout.state === "paused";
  return (
    <Section
      title="Rollout"
      description={`Version ${rollout.version} takes over from version ${rollout.baseVersion} by steps. A guard that does not hold gives all traffic back to version ${rollout.baseVersion}.`}
      actions={active ? <Acts project={project} rollout={rollout} /> : undefined}
    >
      <div className="flex flex-col gap-4 rounded-md border bg-surface p-4">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <StatusBadge status={rollout.state} />
          <span className="text-sm">{headline(rollout)}</span>
        </div>
        <Steps rollout={rollout} />
        {rollout.reading ? (
          <Guards rollout={rollout} reading={rollout.reading} />
        ) : (
          <p className="text-muted">The first look at the challenger comes within seconds.</p>
        )}
        {rollout.endpoints.length > 0 ? (
          <p className="text-xs text-muted">
            On{" "}
            {rollout.endpoints.map((endpoint, i) => (
              <span key={endpoint.name}>
                {i > 0 ? ", " : ""}
                <TextLink href={`/p/${project}/endpoints/${endpoint.name}`}>{endpoint.name}</TextLink>
              </span>
            ))}
            .
          </p>
        ) : active ? (
          <p className="text-warn">
            The model has no endpoint, so nothing can be seen of the challenger. Create one, or revert.
          </p>
        ) : null}
      </div>
    </Section>
  );
}

function headline(rollout: RolloutDto): string {
  const { state, step, policy, timeLeftMs, requestsLeft, reason, endedBy } = rollout;
  if (state === "completed") return `Version ${rollout.version} is champion: ${reason}.`;
  if (state === "reverted") return `Reverted by ${endedBy ?? "Touchstone"}: ${reason}`;
  if (state === "superseded") return `It ended, because ${reason}.`;
  const where = `Step ${step + 1} of ${policy.steps.length}: ${percent(rollout.share)} of the requests.`;
  if (state === "paused") return `${where} Paused: no step follows, and the guards go on protecting.`;
  const waits = [
    timeLeftMs > 0 ? `${duration(timeLeftMs)} more` : null,
    requestsLeft > 0 ? `${plural(requestsLeft, "more request")} to the challenger` : null,
  ].filter((part) => part !== null);
  const last = step + 1 >= policy.steps.length;
  const next = last ? "it becomes champion" : `${percent(policy.steps[step + 1]?.share ?? 1)} follow`;
  return waits.length === 0 ? `${where} Now ${next}.` : `${where} After ${waits.join(" and ")}, ${next}.`;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.ceil(ms / 1000)} s`;
  return minutes < 120 ? plural(Math.ceil(minutes), "minute") : plural(Math.ceil(minutes / 60), "hour");
}

/** The steps as a row of shares; what is over with what the challenger did in it. */
function Steps({ rollout }: { rollout: RolloutDto }) {
  const active = rollout.state === "running" || rollout.state === "paused";
  return (
    <ol className="flex flex-wrap gap-2" aria-label="Steps">
      {rollout.policy.steps.map((step, i) => {
        const done = rollout.history[i];
        const now = active && i === rollout.step;
        return (
          <li
            key={i}
            aria-current={now ? "step" : undefined}
            className={`min-w-28 flex-1 rounded-md border px-3 py-2 ${now ? "border-steel bg-steel-soft" : ""}`}
          >
            <p className="flex items-baseline justify-between gap-2">
              <span className={`font-medium ${done !== undefined || i === rollout.step ? "" : "text-muted"}`}>
                {percent(step.share)}
              </span>
              <span className="text-2xs text-muted">
                {step.minutes > 0 ? `at least ${duration(step.minutes * 60_000)}` : "no time"}
              </span>
            </p>
            <p className="text-2xs text-muted">
              {done ? (
                `${plural(done.requests, "request")}, ${formatNumber(done.errors)} failed`
              ) : now ? (
                <>
                  since <Time at={rollout.stepSince} />
                </>
              ) : i === rollout.step ? (
                "ended in this step"
              ) : active ? (
                "to come"
              ) : (
                "not reached"
              )}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

function Guards({ rollout, reading }: { rollout: RolloutDto; reading: NonNullable<RolloutDto["reading"]> }) {
  const { champion, challenger, observedShare } = reading;
  const p95 = (ms: number | null): string => (ms === null ? "no answer yet" : `p95 ${formatNumber(ms)} ms`);
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid gap-3 sm:grid-cols-3">
        <Figure
          label="Observed share"
          value={observedShare === null ? "–" : formatPercent(observedShare)}
          detail={`of the requests of this step; ${percent(rollout.policy.steps[rollout.step]?.share ?? rollout.share)} declared`}
        />
        <Figure
          label={`Version ${rollout.version}, this step`}
          value={plural(challenger.requests, "request")}
          detail={`${formatNumber(challenger.errors)} failed, ${p95(challenger.p95Ms)}`}
        />
        <Figure
          label={`Version ${rollout.baseVersion}, since the start`}
          value={plural(champion.requests, "request")}
          detail={`${formatNumber(champion.errors)} failed, ${p95(champion.p95Ms)}`}
        />
      </dl>
      <ul className="flex flex-col gap-2" aria-label="Guards">
        {reading.guards.map((guard) => (
          <li key={guard.guard} className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t pt-2">
            <StatusBadge {...GUARD_STATES[guard.state]} size="sm" />
            <span className="text-xs font-medium">{GUARDS[guard.guard]}</span>
            <span className="min-w-0 flex-1 basis-64 text-xs">
              {guard.sentence}
              {guard.p !== null && guard.threshold !== null ? (
                <span className="text-muted">
                  {" "}
                  One-sided p {pText(guard.p)}; a breach needs {pText(guard.threshold)} or less at this look.
                </span>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      <p className="text-2xs text-muted">
        Looked at <Time at={reading.at} />.
      </p>
    </div>
  );
}

/** 0.05 as "5%", 0.125 as "12.5%". */
const percent = (value: number): string =>
  formatPercent(value, Number.isInteger(Number((value * 100).toPrecision(6))) ? 0 : 1);
const pText = (p: number): string => (p > 0 && p < 0.0001 ? p.toExponential(1) : String(Number(p.toPrecision(2))));

function Figure({ label, value, detail }: { label: string; value: string; detail: string }) {
  return (
    <div>
      <dt className="text-2xs text-muted">{label}</dt>
      <dd className="text-lg tabular-nums">{value}</dd>
      <dd className="text-2xs text-muted">{detail}</dd>
    </div>
  );
}

function Acts({ project, rollout }: { project: string; rollout: RolloutDto }) {
  const { may, requestNumber, version, baseVersion } = rollout;
  const act = (what: string, said: string) => async (reason: string) => {
    await api(`/api/v1/projects/${project}/reviews/${requestNumber}/rollout/${what}`, { body: { reason } });
    toast.success(said);
    refreshPage();
  };
  return (
    <div className="flex flex-wrap gap-2">
      {may.pause ? (
        <ConfirmDialog
          title="Pause the rollout?"
          touches={`Version ${version} keeps its ${percent(rollout.share)} of the requests, and no step follows. The guards go on protecting.`}
          action="Pause"
          reason="optional"
          onConfirm={act("pause", "The rollout is paused")}
          trigger={
            <Button size="sm" icon={<Pause aria-hidden />}>
              Pause
            </Button>
          }
        />
      ) : null}
      {may.resume ? (
        <ConfirmDialog
          title="Resume the rollout?"
          touches="The step goes on where it was, and the next ones follow."
          action="Resume"
          reason="optional"
          onConfirm={act("resume", "The rollout goes on")}
          trigger={
            <Button size="sm" icon={<Play aria-hidden />}>
              Resume
            </Button>
          }
        />
      ) : null}
      {may.complete ? (
        <ConfirmDialog
          title={`Make version ${version} champion now?`}
          touches={`The steps that are left are skipped: version ${version} answers all requests within seconds, and version ${baseVersion} is retired.`}
          action="Make it champion"
          reason="required"
          onConfirm={act("complete", `Version ${version} is champion now`)}
          trigger={
            <Button size="sm" icon={<TrendingUp aria-hidden />}>
              Complete now
            </Button>
          }
        />
      ) : null}
      {may.revert ? (
        <ConfirmDialog
          title="Revert the rollout?"
          touches={`Version ${baseVersion} answers all requests again within seconds. The request ends, its approvals become void, and requester and reviewers are told.`}
          action="Revert"
          danger
          reason="required"
          onConfirm={act("revert", `Version ${baseVersion} answers everything again`)}
          trigger={
            <Button size="sm" variant="danger" icon={<Undo2 aria-hidden />}>
              Revert
            </Button>
          }
        />
      ) : null}
    </div>
  );
}
