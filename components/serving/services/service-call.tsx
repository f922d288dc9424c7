"use client";

import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import type { ServiceDetail, TryAnswer } from "#server/serving/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { CodeBlock, Snippets } from "#components/ui/code-block.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Textarea } from "#components/ui/input.tsx";
import { servicePath } from "./queries.ts";

/** How to call it from anywhere, and a place to try it here. */
export function ServiceCallPanel({
  project,
  service,
  scopes,
}: {
  project: string;
  service: ServiceDetail;
  scopes: readonly string[];
}) {
  return (
    <div className="space-y-6">
      <Section
        title="Call it"
        description="With a token that has the scope serving:predict; members make theirs in Settings. The request is made from the schema's examples."
      >
        <Snippets snippets={service.snippets} />
      </Section>
      {can(scopes, "serving:predict") ? <TryIt project={project} service={service} /> : null}
      <Section title="Schemas" description="As the code states them. Requests and answers are held to them.">
        <div className="grid gap-3 md:grid-cols-2">
          <CodeBlock title="Input" code={JSON.stringify(service.input, null, 2)} maxHeight={320} />
          <CodeBlock title="Output" code={JSON.stringify(service.output, null, 2)} maxHeight={320} />
        </div>
      </Section>
    </div>
  );
}

function TryIt({ project, service }: { project: string; service: ServiceDetail }) {
  const example = JSON.stringify(service.example, null, 2);
  const [body, setBody] = useState(example);
  const send = useMutation({
    mutationFn: () => api<TryAnswer>(servicePath(project, service.name, "/try"), { body: { body } }),
  });
  return (
    <Section title="Try it" description="A real request in your name, counted and logged like any other.">
      <form
        className="space-y-3 rounded-md border bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Field label={<span className="font-mono text-xs">POST /services/{service.name}</span>}>
          <Textarea
            mono
            spellCheck={false}
            rows={Math.min(18, example.split("\n").length + 1)}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </Field>
        <Button type="submit" icon={<Send aria-hidden />} loading={send.isPending}>
          Send request
        </Button>
        <div role="status" aria-live="polite">
          {send.data ? (
            <div className="space-y-2">
              <div
                className={`space-y-1 rounded-md px-3 py-2 text-sm ${send.data.status === 200 ? "bg-good-soft" : "bg-bad-soft"}`}
              >
                <p className="font-medium">
                  The service answered {send.data.status} in {formatNumber(send.data.ms)} ms
                </p>
                {send.data.status === 200 ? null : <p className="break-words">{errorOf(send.data.body)}</p>}
              </div>
              <CodeBlock title="Answer" code={JSON.stringify(send.data.body, null, 2)} maxHeight={280} />
            </div>
          ) : null}
        </div>
        {send.error ? <ErrorNote error={send.error} /> : null}
      </form>
    </Section>
  );
}

/** What a refusal says: the platform's own has it as text, the code of a service may answer anything. */
function errorOf(body: unknown): string {
  const told = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  return typeof told === "string" ? told : "What it said is in its answer below.";
}
