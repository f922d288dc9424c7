"use client";

import type { AlertDto } from "#server/monitoring/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";
import { useUrlState } from "#components/ui/url-state.ts";
import { Button } from "#components/ui/button.tsx";
import { AlertActs } from "./alert-acts.tsx";
import { AlertChain } from "./alert-chain.tsx";
import { KINDS } from "./words.ts";

/** The alert whose retraining is under way or waits for a decision: it answers its siblings too. */
function coveredBy(open: readonly AlertDto[], alert: AlertDto): number | null {
  const other = open.find((each) => each.id !== alert.id && each.retraining && each.retraining.state !== "failed");
  return other?.number ?? null;
}

/** Alerts of a monitor with what can be done and what they led to; resolved ones when asked for. */
export function AlertsPanel({
  project,
  alerts,
  mayWrite,
}: {
  project: string;
  alerts: readonly AlertDto[];
  mayWrite: boolean;
}) {
  const [state, setState] = useUrlState("alerts", "open");
  const open = alerts.filter((alert) => alert.status !== "resolved");
  const shown = state === "all" ? alerts : open;
  const resolved = alerts.length - open.length;
  if (alerts.length === 0) return null;
  return (
    <Section
      title={open.length === 0 ? "No open alert" : open.length === 1 ? "One open alert" : `${open.length} open alerts`}
      actions={
        resolved > 0 ? (
          <Button variant="ghost" size="sm" onClick={() => setState(state === "all" ? "open" : "all")}>
            {state === "all" ? "Hide resolved" : `Show ${resolved} resolved`}
          </Button>
        ) : undefined
      }
    >
      <ul className="flex flex-col gap-2">
        {shown.map((alert) => (
          <li key={alert.id} className="flex flex-col gap-2 rounded-md border bg-surface px-3 py-2.5">
            <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
              <StatusBadge
                status={alert.status === "open" ? "firing" : alert.status}
                label={alert.status === "open" ? "Open" : undefined}
              />
              <div className="min-w-64 flex-1">
                <p className="font-medium">
                  <TextLink href={`/p/${project}/monitoring/alerts/${alert.number}`}>
                    #{alert.number} {alert.title}
                  </TextLink>
                </p>
                <p className="text-xs text-muted">
                  {KINDS[alert.kind]}, opened <Time at={alert.openedAt} />
                  {alert.acknowledgedBy ? `, ${alert.acknowledgedBy} looks after it` : ""}
                  {alert.resolvedBy ? `, resolved by ${alert.resolvedBy}. ${alert.resolution}` : ""}
                </p>
              </div>
              {mayWrite && alert.status !== "resolved" ? (
                <AlertActs project={project} alert={alert} coveredBy={coveredBy(open, alert)} />
              ) : null}
            </div>
            {alert.retraining ? (
              <div className="border-t pt-2">
                <AlertChain project={project} alert={alert} />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
