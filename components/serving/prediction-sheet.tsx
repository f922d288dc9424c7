"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PredictionDetail } from "#server/serving/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Hash, Id } from "#components/ui/copy.tsx";
import { Sheet } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { formatExact, formatNumber, plural } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Num, Time } from "#components/ui/values.tsx";
import { ArmBadge } from "./arms/arm-badge.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";
import { Probabilities } from "./probabilities.tsx";
import { predictionQuery } from "./queries.ts";

/** One prediction beside the list: what went in, what came out, what really happened, where it comes from. */
export function PredictionSheet({
  project,
  endpoint,
  id,
  onClose,
}: {
  project: string;
  endpoint: string;
  id: string;
  onClose: () => void;
}) {
  const query = useQuery(predictionQuery(project, endpoint, id));
  return (
    <Sheet
      title="Prediction"
      description={id}
      width="520px"
      open={id !== ""}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      {query.data ? (
        <div className="space-y-6">
          <p className="text-sm">
            <TextLink href={`/p/${project}/predictions/${encodeURIComponent(id)}`}>Everything known of it</TextLink>
          </p>
          <PredictionDetailParts project={project} prediction={query.data} />
        </div>
      ) : query.error ? (
        <ErrorNote error={query.error} />
      ) : (
        <Skeleton className="h-64 w-full" />
      )}
    </Sheet>
  );
}

/** Answer, features and lineage, each in a section of its own. */
export function PredictionDetailParts({ project, prediction }: { project: string; prediction: PredictionDetail }) {
  const { outcome, lineage } = prediction;
  const { version, run, dataset, request } = lineage;
  const model = version ? `/p/${project}/models/${encodeURIComponent(version.model)}` : "";
  return (
    <>
      <Part title="Answer">
        <p className="mb-2 text-xl font-semibold">{prediction.label ?? formatNumber(prediction.value, 6)}</p>
        {prediction.probabilities.length > 0 ? <Probabilities items={prediction.probabilities} /> : null}
        <KeyValue
          className="mt-3"
          items={[
            {
              label: "Outcome",
              value: (
                <>
                  <OutcomeBadge prediction={prediction} />
                  {outcome ? (
                    <span className="text-muted">
                      {" "}
                      observed <Time at={outcome.observedAt} />
                      {outcome.corrections > 0 ? `, corrected ${plural(outcome.corrections, "time")}` : ""}
                    </span>
                  ) : null}
                </>
              ),
            },
            { label: "Event", value: <span data-number>{formatExact(prediction.eventTime)}</span> },
            { label: "Received", value: <span data-number>{formatExact(prediction.receivedAt)}</span> },
            prediction.entityKey !== null && {
              label: "Entity",
              value: <code className="text-xs break-all">{prediction.entityKey}</code>,
            },
            { label: "Latency", value: <Num value={prediction.latencyMs} unit="ms" /> },
            { label: "Request", value: <Id value={prediction.requestId} length={18} /> },
            prediction.repeats > 1 && {
              label: "Repeats",
              value: `this id was predicted ${plural(prediction.repeats, "time")}; the newest is shown`,
            },
          ]}
        />
      </Part>
      <Part title="Asked with">
        <table className="w-full text-xs">
          <tbody>
            {prediction.features.map((feature) => (
              <tr key={feature.name} className="h-7 border-b last:border-0">
                <th scope="row" className="pr-3 text-left font-mono font-normal text-muted">
                  {feature.name}
                </th>
                <td className="text-right font-mono break-all">
                  {feature.value === null ? <span className="text-muted">not kept</span> : String(feature.value)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
      <Part title="Where it comes from">
        <KeyValue
          items={[
            {
              label: "Version",
              value: version ? (
                <TextLink href={`${model}/${version.version}`}>
                  {version.model} version {version.version}
                </TextLink>
              ) : (
                "deleted since"
              ),
            },
            { label: "Answered as", value: <ArmBadge arm={prediction.arm} /> },
            request && {
              label: "Approved by",
              value: (
                <>
                  {request.approvedBy.join(" and ")},{" "}
                  <TextLink href={`/p/${project}/reviews/${request.number}`}>request {request.number}</TextLink>
                </>
              ),
            },
            run && {
              label: "Run",
              value: <TextLink href={`/p/${project}/experiments/runs/${run.id}`}>{run.name}</TextLink>,
            },
            lineage.pipelineRun && {
              label: "Pipeline run",
              value: (
                <TextLink href={`/p/${project}/pipelines/runs/${lineage.pipelineRun.number}`}>
                  run {lineage.pipelineRun.number}
                </TextLink>
              ),
            },
            lineage.commit !== null && { label: "Commit", value: <Hash value={lineage.commit} /> },
            dataset && {
              label: "Dataset",
              value: (
                <TextLink href={`/p/${project}/data/${dataset.name}?version=${dataset.version}`}>
                  {dataset.name} version {dataset.version}
                </TextLink>
              ),
            },
          ]}
        />
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}
