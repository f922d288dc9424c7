"use client";

import { useMutation } from "@tanstack/react-query";
import { RotateCcw, Send } from "lucide-react";
import { useState } from "react";
import type { EndpointDetail, RequestForm, TryAnswer } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Textarea } from "#components/ui/input.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Id } from "#components/ui/copy.tsx";
import { ArmBadge } from "./arms/arm-badge.tsx";
import { Probabilities } from "./probabilities.tsx";
import { endpointPath } from "./queries.ts";
import { readAnswer } from "./read-answer.ts";

const LINES = 18;

/** One real request in a form, with values of one's own. */
export function TryPanel({
  project,
  endpoint,
  form,
}: {
  project: string;
  endpoint: EndpointDetail;
  form: RequestForm;
}) {
  const [body, setBody] = useState(form.body);
  const send = useMutation({
    mutationFn: () => api<TryAnswer>(endpointPath(project, endpoint.name, "/try"), { body: { form: form.id, body } }),
  });
  return (
    <Section
      title="Try it"
      description="A real request in your name: the version that it is dealt answers it, and it is counted and logged like any other."
    >
      <form
        className="space-y-3 rounded-md border bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Field label={<span className="font-mono text-xs">POST {form.path}</span>}>
          <Textarea
            mono
            spellCheck={false}
            rows={Math.min(LINES, form.body.split("\n").length + 1)}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send.mutate();
            }}
          />
        </Field>
        <div className="flex gap-2">
          <Button type="submit" icon={<Send aria-hidden />} loading={send.isPending}>
            Send request
          </Button>
          <Button
            variant="ghost"
            icon={<RotateCcw aria-hidden />}
            onClick={() => {
              setBody(form.body);
              send.reset();
            }}
          >
            Back to the example
          </Button>
        </div>
        <div role="status" aria-live="polite">
          {send.data ? <Answer endpoint={endpoint} answer={send.data} /> : null}
        </div>
        {send.error ? <ErrorNote error={send.error} /> : null}
      </form>
    </Section>
  );
}

function Answer({ endpoint, answer }: { endpoint: EndpointDetail; answer: TryAnswer }) {
  const { signature } = endpoint;
  const { said, probabilities, version, arm, error } = readAnswer(
    answer,
    signature?.roles ?? {},
    signature?.classes ?? null,
  );
  const [id] = answer.predictionIds;
  if (error !== null)
    return (
      <div className="space-y-2 rounded-md bg-bad-soft px-3 py-2 text-sm">
        <p className="font-medium">
          The endpoint answered {answer.status} in {formatNumber(answer.ms)} ms
        </p>
        <p className="break-words">{error}</p>
      </div>
    );
  return (
    <div className="space-y-3">
      <p className="text-sm">
        <span className="text-xl font-semibold">
          {typeof said === "number" ? formatNumber(said, 6) : (said ?? "answered")}
        </span>{" "}
        <span className="text-muted" data-number>
          by version {version} in {formatNumber(answer.ms)} ms, seen from the server
        </span>{" "}
        {arm === null ? null : <ArmBadge arm={arm} />}
      </p>
      {probabilities.length > 0 ? <Probabilities items={probabilities} /> : null}
      {id === undefined ? null : (
        <div className="flex flex-wrap items-center gap-3 text-sm">
          <span className="text-muted">Prediction</span> <Id value={id} />
          {answer.predictionIds.length > 1 ? (
            <span className="text-muted">and {answer.predictionIds.length - 1} more</span>
          ) : null}
          <Button size="sm" onClick={() => setSearchParams({ tab: "predictions", prediction: id }, { push: true })}>
            Show the logged prediction
          </Button>
        </div>
      )}
      <CodeBlock title="Answer" code={JSON.stringify(answer.body, null, 2)} maxHeight={280} />
    </div>
  );
}
