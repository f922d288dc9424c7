"use client";

import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import type { PolicyDto } from "#server/governance/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";

const STARTER = `version: 1
model: my-model
checks:
  - {id: data, type: dataset, dataset: my-data}
  - id: primary
    type: holdout
    dataset: my-data
    where: "split = 'holdout'"
    label: outcome
    metric: accuracy
    require: non_inferior
    margin: 0.01
    min_n: 500
  - {id: signature, type: signature}
  - {id: latency, type: latency, p95_ms: 20}
approvals: {reviewers: 1}
# Without a rollout an approved version is champion at once. With it, step by step:
# rollout:
#   steps: [{share: 0.05, minutes: 30}, {share: 0.5, minutes: 60}]
#   guards:
#     errors: {max_difference: 0.01}
#     latency: {p95_ms: 50, p95_ratio: 1.5}
#     quality: {metric: accuracy, margin: 0.02, min_outcomes: 200}
#     min_requests: 200
`;

function Editor({ project, text, onDone }: { project: string; text: string; onDone: () => void }) {
  const [draft, setDraft] = useState(text);
  const save = useMutation({
    mutationFn: () =>
      api<{ model: string; version: number; reevaluated: number }>(`/api/v1/projects/${project}/policies`, {
        body: { text: draft },
      }),
    onSuccess: ({ model, version, reevaluated }) => {
      toast.success(`Version ${version} of the policy for ${model} applies from now on`, {
        detail:
          reevaluated === 0
            ? "No request is open."
            : `${reevaluated} open ${reevaluated === 1 ? "request is" : "requests are"} checked anew; approvals they had are void.`,
      });
      onDone();
      refreshPage();
    },
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field
        label="Policy"
        hint="Saving makes a new version. Open requests of the model are checked anew under it, and who saves it may not decide on them. A rollout part says by which shares of the traffic an approved version takes over, and which guards give all of it back."
      >
        <Textarea
          mono
          rows={Math.min(40, draft.split("\n").length + 2)}
          spellCheck={false}
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value);
          }}
        />
      </Field>
      <FormError error={save.error} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" loading={save.isPending} disabled={draft === text && text !== STARTER}>
          Save as new version
        </Button>
        <Button variant="ghost" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** What each model of the project must prove, and for those who may, the way to change it. */
export function PolicyPage({
  project,
  policies,
  scopes,
}: {
  project: string;
  policies: readonly PolicyDto[];
  scopes: readonly string[];
}) {
  const [editing, setEditing] = useState<string | null>(null);
  const mayWrite = can(scopes, "governance:policy");
  const add = mayWrite ? (
    <Button
      variant="primary"
      onClick={() => {
        setEditing("new");
      }}
    >
      Write a policy
    </Button>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Policy"
        breadcrumb={[{ label: "Policy" }]}
        meta="What a version must prove before it may become champion."
        actions={policies.length > 0 ? add : undefined}
      />
      <div className="flex flex-col gap-4">
        {editing === "new" ? (
          <Card title="New policy">
            <Editor
              project={project}
              text={STARTER}
              onDone={() => {
                setEditing(null);
              }}
            />
          </Card>
        ) : null}
        {policies.length === 0 && editing === null ? (
          <EmptyState action={add}>
            No policy says yet what a model must prove, so no promotion can be requested.
          </EmptyState>
        ) : null}
        {policies.map((policy) => (
          <Card
            key={policy.id}
            title={policy.model === "*" ? "All models" : policy.model}
            description={
              <>
                Version {policy.version} <Hash value={policy.sha256} />, written <Time at={policy.createdAt} /> by{" "}
                {policy.createdBy ?? "Touchstone"}
              </>
            }
            actions={
              mayWrite && editing !== policy.id ? (
                <Button
                  size="sm"
                  icon={<Pencil aria-hidden />}
                  onClick={() => {
                    setEditing(policy.id);
                  }}
                >
                  Change
                </Button>
              ) : undefined
            }
          >
            {editing === policy.id ? (
              <Editor
                project={project}
                text={policy.text}
                onDone={() => {
                  setEditing(null);
                }}
              />
            ) : (
              <CodeBlock code={policy.text} title="policy.yaml" />
            )}
          </Card>
        ))}
      </div>
    </>
  );
}
