"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import type { RequestDetail, VoteSignature } from "#server/governance/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Section } from "#components/ui/card.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Time } from "#components/ui/values.tsx";

const VOTES: Readonly<Record<string, string>> = {
  approve: "approved",
  reject: "rejected",
  request_changes: "changes_requested",
};

/** Who signed, with which key, and whether it still fits what it was given for. */
function Signature({ signature, by }: { signature: VoteSignature; by: string }) {
  const { keyId, verifies, problem } = signature;
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
      <StatusBadge
        status={verifies ? "ok" : "failed"}
        label={verifies ? "Signature verifies" : keyId === null ? "Not signed" : "Signature does not verify"}
        size="sm"
      />
      {verifies ? <span>signed by {by}</span> : <span className="text-bad">{problem}</span>}
      {keyId === null ? null : (
        <span>
          key <Hash value={keyId} length={16} />
        </span>
      )}
    </p>
  );
}

/** Decisions and comments in the order in which they were given. Void decisions stay, with the reason. */
export function Conversation({
  project,
  request,
  scopes,
}: {
  project: string;
  request: RequestDetail;
  scopes: readonly string[];
}) {
  const [body, setBody] = useState("");
  const comment = useMutation({
    mutationFn: () => api(`/api/v1/projects/${project}/reviews/${request.number}/comments`, { body: { body } }),
    onSuccess: () => {
      setBody("");
      refreshPage();
    },
  });
  const entries = [
    ...request.decisions.map((decision) => ({
      at: decision.createdAt,
      id: decision.id,
      who: decision.userName,
      text: decision.comment,
      decision,
    })),
    ...request.comments.map((entry) => ({
      at: entry.createdAt,
      id: entry.id,
      who: entry.userName,
      text: entry.body,
      decision: null,
    })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  return (
    <Section title="Decisions and comments">
      <div className="flex flex-col gap-3">
        {entries.length === 0 ? <p className="text-muted">Nobody has said anything yet.</p> : null}
        <ol className="flex flex-col gap-2">
          {entries.map(({ id, at, who, text, decision }) => (
            <li key={id} className="rounded-md border bg-surface px-3 py-2">
              <p className="flex flex-wrap items-center gap-2 text-xs">
                <span className="font-medium">{who}</span>
                {decision ? <StatusBadge status={VOTES[decision.vote] ?? decision.vote} /> : null}
                {decision?.voidedAt ? <span className="text-warn">void: {decision.voidReason}</span> : null}
                <span className="text-muted">
                  <Time at={at} />
                </span>
                {decision ? (
                  <span className="text-muted">
                    on <Hash value={decision.digest} />
                  </span>
                ) : null}
              </p>
              {decision?.signature ? <Signature signature={decision.signature} by={who} /> : null}
              {text ? <p className="mt-1 whitespace-pre-wrap">{text}</p> : null}
            </li>
          ))}
        </ol>
        {can(scopes, "governance:comment") ? (
          <form
            className="flex flex-col gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              comment.mutate();
            }}
          >
            <Field label="Comment">
              <Textarea
                rows={2}
                value={body}
                onChange={(event) => {
                  setBody(event.target.value);
                }}
              />
            </Field>
            <FormError error={comment.error} />
            <Button type="submit" className="self-start" disabled={body.trim() === ""} loading={comment.isPending}>
              Comment
            </Button>
          </form>
        ) : null}
      </div>
    </Section>
  );
}
