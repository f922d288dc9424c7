"use client";

import { useMutation } from "@tanstack/react-query";
import { RotateCcw, Send } from "lucide-react";
import { useState } from "react";
import type { EndpointDetail, TryAnswer } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Input } from "#components/ui/input.tsx";
import { setSearchParams } from "#components/ui/url-state.ts";
import { Probabilities } from "./probabilities.tsx";
import { endpointPath } from "./queries.ts";
import { readAnswer, requestFrom, typedFrom } from "./try-request.ts";

/** One real request with values of one's own. */
export function TryPanel({ project, endpoint }: { project: string; endpoint: EndpointDetail }) {
  const [typed, setTyped] = useState(() => typedFrom(endpoint.example));
  const send = useMutation({
    mutationFn: () =>
      api<TryAnswer>(endpointPath(project, endpoint.name, "/try"), { body: requestFrom(endpoint.example, typed) }),
  });
  return (
    <Section
      title="Try it"
      description="A real request in your name: it is answered by the live version, counted and logged like any other."
    >
      <form
        className="space-y-4 rounded-md border bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
          {endpoint.example.map((input) => (
            <Field
              key={input.name}
              label={<span className="font-mono text-xs">{input.name}</span>}
              hint={
                input.data.length > 1 ? `${input.datatype}, ${input.data.length} values with commas` : input.datatype
              }
            >
              <Input
                mono
                value={typed[input.name] ?? ""}
                onChange={(event) => setTyped({ ...typed, [input.name]: event.target.value })}
              />
            </Field>
          ))}
        </div>
        <div className="flex gap-2">
          <Button type="submit" icon={<Send aria-hidden />} loading={send.isPending}>
            Send request
          </Button>
          <Button
            variant="ghost"
            icon={<RotateCcw aria-hidden />}
            onClick={() => {
              setTyped(typedFrom(endpoint.example));
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
  const { label, value, probabilities, predictionId, version, error } = readAnswer(
    answer,
    signature?.roles ?? {},
    signature?.classes ?? null,
  );
  if (error !== null)
    return (
      <div className="space-y-2 rounded-md bg-bad-soft px-3 py-2 text-sm">
        <p className="font-medium">The endpoint answered {answer.status}</p>
        <p className="break-words">{error}</p>
      </div>
    );
  return (
    <div className="space-y-3">
      <p className="text-sm">
        <span className="text-xl font-semibold">{label ?? (value === null ? "answered" : formatNumber(value, 6))}</span>{" "}
        <span className="text-muted" data-number>
          by version {version} in {formatNumber(answer.ms)} ms, seen from the server
        </span>
      </p>
      {probabilities.length > 0 ? <Probabilities items={probabilities} /> : null}
      {predictionId === null ? null : (
        <Button
          size="sm"
          onClick={() => setSearchParams({ tab: "predictions", prediction: predictionId }, { push: true })}
        >
          Show the logged prediction
        </Button>
      )}
      <details className="text-sm">
        <summary className="cursor-pointer text-muted">The whole answer</summary>
        <CodeBlock className="mt-2" code={JSON.stringify(answer.body, null, 2)} maxHeight={240} />
      </details>
    </div>
  );
}
