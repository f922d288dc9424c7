import { TriangleAlert } from "lucide-react";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { formatDate, formatNumber, formatPercent, plural } from "#components/ui/format.ts";
import { Stat } from "#components/ui/stat.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import type { AlertLine, LiveModel } from "#server/overview/contract.ts";
import { LineageStrip } from "./lineage-strip.tsx";
import { names, noScoreSentence, scoreSentence, spanOf } from "./words.ts";

/** One endpoint in plain words: which version answers, since when, by whose approval, and how often it was right. */
export function LiveModelCard({
  model,
  scopes,
  showProject = false,
}: {
  model: LiveModel;
  scopes: readonly string[];
  showProject?: boolean;
}) {
  const href = `/p/${model.project.slug}/endpoints/${encodeURIComponent(model.endpoint)}`;
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          <TextLink href={href}>{model.endpoint}</TextLink>
          <StatusBadge status={model.health} />
          {showProject ? (
            <span className="truncate font-normal text-muted">
              in <TextLink href={`/p/${model.project.slug}`}>{model.project.name}</TextLink>
            </span>
          ) : null}
        </span>
      }
    >
      <div className="space-y-3">
        <p className="max-w-prose text-base leading-relaxed">
          <Sentence model={model} />
        </p>
        <Figures model={model} />
        {model.alerts.length === 0 ? null : <AlertList alerts={model.alerts} />}
        <LineageStrip model={model} scopes={scopes} />
      </div>
    </Card>
  );
}

function Sentence({ model }: { model: LiveModel }) {
  const { live } = model;
  if (!live) return <>{model.reason ?? "Nothing answers here."}</>;
  const by = live.request?.approvedBy ?? [];
  const verb =
    model.health === "stopped" || model.health === "down"
      ? "is the one that would answer, since"
      : "has answered since";
  return (
    <>
      {model.reason === null ? null : <>{model.reason} </>}
      <strong className="font-semibold">
        Version {live.version} of {model.model}
      </strong>{" "}
      {verb} {formatDate(live.since)} (<Time at={live.since} />
      ).{" "}
      {live.request && by.length > 0 ? (
        <>
          {names(by)} approved it in{" "}
          <TextLink href={`/p/${model.project.slug}/reviews/${live.request.number}`}>
            request {live.request.number}
          </TextLink>
          .{" "}
        </>
      ) : null}
      {model.score ? scoreSentence(model.score, model.rows) : noScoreSentence(model.predictions, model.rows)}
    </>
  );
}

function Figures({ model }: { model: LiveModel }) {
  const { score, lastHour } = model;
  const wrong = lastHour.failed;
  return (
    <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-4">
      {score === null ? (
        <Stat label="Right answers" value="–" />
      ) : score.kind === "share" ? (
        <div title={spanOf(score)}>
          <Stat
            role="champion"
            label="Right answers"
            value={formatPercent(score.value)}
            {...(score.low === null || score.high === null
              ? {}
              : { unit: `${formatPercent(score.low)} to ${formatPercent(score.high)}` })}
            n={score.n}
            of={model.rows}
          />
        </div>
      ) : (
        <Stat
          role="champion"
          label="Mean error"
          value={score.value}
          interval={score.low === null || score.high === null ? null : [score.low, score.high]}
          n={score.n}
          of={model.rows}
        />
      )}
      <Stat label="Predictions of this version" value={formatNumber(model.predictions)} />
      <Stat
        label="Requests in the last hour"
        value={formatNumber(lastHour.requests)}
        spark={<Sparkline values={model.minutes} label="Requests by minute, last hour" />}
      />
      <Stat
        label="Failed in the last hour"
        value={lastHour.requests === 0 ? "–" : formatNumber(wrong)}
        {...(lastHour.requests === 0 ? {} : { n: lastHour.requests, of: "requests" })}
      />
    </div>
  );
}

/** Alerts whose sentences speak of answers and time; those of drift speak of distances between distributions, for the monitor's page. */
const PLAIN = new Set(["performance", "service"]);

/** Alerts nobody has resolved, with what they say. */
export function AlertList({ alerts }: { alerts: readonly AlertLine[] }) {
  const shown = alerts.slice(0, 3);
  return (
    <div className="rounded-md border border-warn/40 bg-warn-soft px-3 py-2 text-sm">
      <p className="flex items-center gap-1.5 font-medium text-warn">
        <TriangleAlert className="size-4" aria-hidden />
        {plural(alerts.length, "alert")} open
      </p>
      <ul className="mt-1 space-y-1">
        {shown.map((alert) => (
          <li key={alert.number}>
            <TextLink href={`/p/${alert.project.slug}/monitoring/alerts/${alert.number}`}>{alert.title}</TextLink>{" "}
            <span className="text-muted">
              <Time at={alert.openedAt} />
              {alert.status === "acknowledged" ? ", somebody looks after it" : ""}
            </span>
            {PLAIN.has(alert.kind) && alert.sentences[0] !== undefined ? <span> {alert.sentences[0]}</span> : null}
          </li>
        ))}
      </ul>
      {alerts.length > shown.length ? (
        <p className="mt-1 text-muted">and {formatNumber(alerts.length - shown.length)} more</p>
      ) : null}
    </div>
  );
}
