"use client";

import type { ReactNode } from "react";
import type { CallerDto, FoundPrediction, PredictionLookUp, RequestErrorDto } from "#server/serving/contract.ts";
import { Badge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy.tsx";
import { formatExact, formatNumber, plural } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Num } from "#components/ui/values.tsx";
import { PredictionDetailParts } from "./prediction-sheet.tsx";

/** Everything that the log knows of one id: predictions with where they come from, what shadows said, and errors. */
export function PredictionPage({ project, found }: { project: string; found: PredictionLookUp }) {
  const { id, predictions, errors, more } = found;
  const what = [
    predictions.length > 0 ? plural(predictions.length, "prediction") : "",
    errors.length > 0 ? plural(errors.length, "request without an answer", "requests without an answer") : "",
  ].filter(Boolean);
  return (
    <>
      <PageHeader
        title={<span className="font-mono text-lg break-all">{id}</span>}
        breadcrumb={[{ label: "Prediction" }]}
        badge={<CopyButton text={id} label="Copy the id" />}
        meta={<span>{`${what.join(", ")}${more ? "; the newest are shown" : ""}`}</span>}
      />
      <div className="space-y-4">
        {errors.map((error) => (
          <ErrorCard key={`${error.receivedAt} ${error.endpoint}`} project={project} error={error} />
        ))}
        {predictions.map((prediction) => (
          <PredictionCard
            key={`${prediction.endpoint} ${prediction.id}`}
            project={project}
            prediction={prediction}
            named={prediction.id !== id}
          />
        ))}
      </div>
    </>
  );
}

function PredictionCard({
  project,
  prediction,
  named,
}: {
  project: string;
  prediction: FoundPrediction;
  named: boolean;
}) {
  return (
    <Card
      title={named ? <span className="font-mono break-all">{prediction.id}</span> : "Prediction"}
      description={
        <>
          of <EndpointLink project={project} name={prediction.endpoint} />
        </>
      }
    >
      <div className="grid gap-6 lg:grid-cols-2 2xl:grid-cols-3">
        <PredictionDetailParts project={project} prediction={prediction} />
        <section>
          <h3 className="mb-2 text-sm font-medium">Asked by</h3>
          <Caller project={project} caller={prediction.caller} />
        </section>
        <section>
          <h3 className="mb-2 text-sm font-medium">What shadows said</h3>
          <Shadows prediction={prediction} />
        </section>
      </div>
    </Card>
  );
}

function EndpointLink({ project, name }: { project: string; name: string }) {
  return <TextLink href={`/p/${project}/endpoints/${encodeURIComponent(name)}`}>{name}</TextLink>;
}

function Caller({ project, caller }: { project: string; caller: CallerDto | null }) {
  if (!caller) return <p className="text-sm text-muted">The log does not say which token asked.</p>;
  return (
    <p className="text-sm">
      {caller.name === null ? (
        "a token that is gone"
      ) : (
        <>
          the token <TextLink href={`/p/${project}/settings`}>{caller.name}</TextLink> of {caller.owner}
        </>
      )}
    </p>
  );
}

function Shadows({ prediction }: { prediction: FoundPrediction }) {
  if (prediction.shadows.length === 0)
    return <p className="text-sm text-muted">No shadow scored this row, or none is kept.</p>;
  return (
    <table className="w-full text-xs">
      <thead className="text-muted">
        <tr className="border-b">
          {["Version", "Said", "Probability", "Took", ""].map((title) => (
            <th key={title} scope="col" className="py-1.5 pr-3 text-left font-medium">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {prediction.shadows.map((shadow) => (
          <tr key={`${shadow.versionId} ${shadow.receivedAt}`} className="h-7 border-b last:border-0">
            <td className="pr-3">{shadow.version === null ? "gone" : `version ${shadow.version}`}</td>
            <td className="pr-3 font-medium">{shadow.label ?? formatNumber(shadow.value, 6)}</td>
            <td className="num pr-3 text-left">
              <Num value={shadow.probabilities.find(({ label }) => label === shadow.label)?.value ?? null} />
            </td>
            <td className="num pr-3 text-left">
              <Num value={shadow.latencyMs} unit="ms" />
            </td>
            <td>
              {shadow.agrees === null ? null : shadow.agrees ? (
                <Badge tone="good">the same</Badge>
              ) : (
                <Badge tone="warn">otherwise</Badge>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ErrorCard({ project, error }: { project: string; error: RequestErrorDto }) {
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          Request without an answer <Badge tone="bad">{String(error.status)}</Badge>
        </span>
      }
      description={
        <>
          to <EndpointLink project={project} name={error.endpoint} />
        </>
      }
    >
      <p className="mb-3 text-sm break-words">{error.message}</p>
      <KeyValue
        columns={2}
        items={[
          { label: "Received", value: <span data-number>{formatExact(error.receivedAt)}</span> },
          { label: "Took", value: <Num value={error.latencyMs} unit="ms" /> },
          { label: "Asked by", value: <Caller project={project} caller={error.caller} /> },
          { label: "Version", value: error.version === null ? "none was chosen yet" : `version ${error.version}` },
          error.entityKey !== null && { label: "Entity", value: <code className="text-xs">{error.entityKey}</code> },
        ]}
      />
      <Body body={error.body} />
    </Card>
  );
}

function Body({ body }: { body: string | null }): ReactNode {
  if (body === null)
    return <p className="mt-3 text-xs text-muted">The body is not kept: the endpoint keeps a column out of its log.</p>;
  return (
    <figure className="mt-3">
      <figcaption className="mb-1 text-xs text-muted">The beginning of the body</figcaption>
      <pre className="max-h-48 overflow-auto rounded-md bg-raised p-2 text-xs break-all whitespace-pre-wrap">
        {body}
      </pre>
    </figure>
  );
}
