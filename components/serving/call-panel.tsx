"use client";

import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import { type EndpointDetail, type Snippet, TOKEN_PLACEHOLDER } from "#server/serving/contract.ts";
import { Section } from "#components/ui/card.tsx";
import { Snippets } from "#components/ui/code-block.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/input.tsx";
import { TokenDialog } from "./token-dialog.tsx";
import { TryPanel } from "./try-panel.tsx";

/** How to call it from anywhere, in the form of one's choice, and a place to try it here. */
export function CallPanel({
  project,
  endpoint,
  scopes,
}: {
  project: string;
  endpoint: EndpointDetail;
  scopes: readonly string[];
}) {
  // Lives as long as the page: a reload forgets it, and the server keeps only its hash.
  const [token, setToken] = useState<string | null>(null);
  const { forms, outcome } = endpoint.snippets;
  const [asked, setAsked] = useState<string | null>(null);
  const form = forms.find(({ id }) => id === asked) ?? forms[0];
  const mayPredict = can(scopes, "serving:predict") && can(scopes, "serving:outcomes");
  const fill = (snippets: readonly Snippet[]): Snippet[] =>
    snippets.map(({ language, code }) => ({
      language,
      code: code.replaceAll(TOKEN_PLACEHOLDER, token ?? TOKEN_PLACEHOLDER),
    }));
  if (!form) return null;
  return (
    <div className="space-y-6">
      <Section
        title="Ask for a prediction"
        description={
          token
            ? "The calls below carry your new token: paste and run them as they are."
            : mayPredict
              ? `Paste, and put a token in place of ${TOKEN_PLACEHOLDER}. The values are a real row of what the model was trained on.`
              : "A call needs a token with the scopes serving:predict and serving:outcomes; a scientist of the project can create one."
        }
        actions={
          mayPredict ? <TokenDialog project={project} endpoint={endpoint.name} onCreated={setToken} /> : undefined
        }
      >
        <div className="space-y-3">
          <Field label="Form of the request" hint={form.hint}>
            <Select
              className="sm:w-72"
              value={form.id}
              onValueChange={setAsked}
              options={forms.map(({ id, title }) => ({ value: id, label: title }))}
            />
          </Field>
          <Snippets snippets={fill(form.snippets)} />
        </div>
      </Section>
      {can(scopes, "serving:predict") ? (
        <TryPanel key={form.id} project={project} endpoint={endpoint} form={form} />
      ) : null}
      <Section
        title="Tell what really happened"
        description="By the id of the prediction, whenever it is known: accuracy and drift of quality are computed from it. Telling it again corrects it."
      >
        <Snippets snippets={fill(outcome)} />
      </Section>
    </div>
  );
}
