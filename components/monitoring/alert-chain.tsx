"use client";

import { ArrowRight } from "lucide-react";
import type { AlertDto } from "#server/monitoring/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";

/** How far the loop has come for an alert, as links: dataset version, pipeline run, model version, promotion request. */
export function AlertChain({ project, alert }: { project: string; alert: AlertDto }) {
  const { retraining, chain } = alert;
  if (!retraining) return null;
  const base = `/p/${project}`;
  const links = [
    chain.dataset && {
      href: `${base}/data/${chain.dataset.name}?version=${chain.dataset.version}`,
      text: `data ${chain.dataset.name} version ${chain.dataset.version}`,
      status: null,
    },
    chain.run && {
      href: `${base}/pipelines/runs/${chain.run.number}`,
      text: `run ${chain.run.number}`,
      status: chain.run.status,
    },
    chain.version && {
      href: `${base}/models/${encodeURIComponent(chain.version.model)}/${chain.version.version}`,
      text: `model ${chain.version.model} version ${chain.version.version}`,
      status: null,
    },
    chain.request && {
      href: `${base}/reviews/${chain.request.number}`,
      text: `request ${chain.request.number}`,
      status: chain.request.status,
    },
  ].filter((link) => link !== null);
  return (
    <div className="flex flex-col gap-1 text-xs">
      <ol className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <li className="text-muted">
          Retraining by {retraining.by}, <Time at={retraining.at} />
        </li>
        {links.map((link) => (
          <li key={link.href} className="flex items-center gap-1.5">
            <ArrowRight className="size-3 text-muted" aria-hidden />
            <TextLink href={link.href}>{link.text}</TextLink>
            {link.status ? <StatusBadge status={link.status} size="sm" /> : null}
          </li>
        ))}
        {retraining.state === "preparing" ? (
          <li className="flex items-center gap-1.5">
            <ArrowRight className="size-3 text-muted" aria-hidden />
            <StatusBadge status="running" label="Freezing captured traffic" size="sm" />
          </li>
        ) : null}
      </ol>
      {retraining.error ? <p className="text-bad">It failed: {retraining.error}</p> : null}
    </div>
  );
}
