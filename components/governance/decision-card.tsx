"use client";

import { useMutation } from "@tanstack/react-query";
import { Check, CircleSlash, MessageSquareWarning, RotateCcw, Undo2 } from "lucide-react";
import { useState } from "react";
import { can } from "#server/identity/contract.ts";
import type { RequestDetail, Vote } from "#server/governance/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";

const DONE: Readonly<Record<string, string>> = {
  completed: "It is champion now",
  rolling_out: "It is approved, and its rollout begins",
  rejected: "The request is rejected",
  changes_requested: "The author is asked for changes",
  ready: "Your approval is recorded",
};

/** The acts on a request, each with what it will do, or in a sentence why the reader may not decide. */
export function DecisionCard({
  project,
  request,
  scopes,
}: {
  project: string;
  request: RequestDetail;
  scopes: readonly string[];
}) {
  const [comment, setComment] = useState("");
  const base = `/api/v1/projects/${project}/reviews/${request.number}`;
  const decision = useMutation({
    mutationFn: (vote: Vote) =>
      api<{ status: string }>(`${base}/decision`, { body: { vote, comment, digest: request.digest } }),
    onSuccess: ({ status }) => {
      setComment("");
      toast.success(DONE[status] ?? "Your decision is recorded");
      refreshPage();
    },
    onError: () => {
      refreshPage();
    },
  });
  const { given, needed } = request.approvals;
  const last = given + 1 >= needed;
  const open = ["ready", "blocked", "checking", "changes_requested", "stale"].includes(request.status);
  return (
    <Card
      title="Decision"
      description={open ? `${given} of ${needed} ${needed === 1 ? "approval" : "approvals"} given.` : undefined}
    >
      <div className="flex flex-col gap-3">
        {request.mayDecide.allowed ? (
          <>
            <Field
              label="Comment"
              hint="Needed to reject or to ask for changes."
              error={fieldError(decision.error, "comment")}
            >
              <Textarea
                rows={3}
                value={comment}
                onChange={(event) => {
                  setComment(event.target.value);
                }}
              />
            </Field>
            <p className="text-xs text-muted">
              {last
                ? whatFollows(request)
                : `After yours, ${needed - given - 1} more ${needed - given - 1 === 1 ? "approval is" : "approvals are"} needed.`}
            </p>
            <FormError error={decision.error} fields={["comment"]} />
            <Button
              variant="primary"
              icon={<Check aria-hidden />}
              loading={decision.isPending && decision.variables === "approve"}
              disabled={decision.isPending}
              onClick={() => {
                decision.mutate("approve");
              }}
            >
              Approve
            </Button>
            <div className="grid grid-cols-2 gap-2">
              <Button
                icon={<MessageSquareWarning aria-hidden />}
                loading={decision.isPending && decision.variables === "request_changes"}
                disabled={decision.isPending}
                onClick={() => {
                  decision.mutate("request_changes");
                }}
              >
                Ask for changes
              </Button>
              <Button
                icon={<CircleSlash aria-hidden />}
                loading={decision.isPending && decision.variables === "reject"}
                disabled={decision.isPending}
                onClick={() => {
                  decision.mutate("reject");
                }}
              >
                Reject
              </Button>
            </div>
          </>
        ) : (
          <p>{request.mayDecide.reason}</p>
        )}
        <AuthorActs
          {...{ base, request, scopes, open }}
          onDone={() => {
            refreshPage();
          }}
        />
      </div>
    </Card>
  );
}

/** What the last approval starts, in a sentence. */
function whatFollows({ version, baseVersion, policy }: RequestDetail): string {
  const { rollout } = policy.spec;
  if (rollout && baseVersion !== null) {
    const shares = rollout.steps.map((step) => `${Number((step.share * 100).toPrecision(4))}%`);
    return `Approving starts the rollout: version ${version} answers ${shares.join(", then ")} of the requests, and becomes champion if the guards hold. Otherwise version ${baseVersion} gets all of them back by itself.`;
  }
  return `Approving makes version ${version} champion; its endpoint serves it from then on${baseVersion === null ? "" : `, and version ${baseVersion} is retired`}.`;
}

interface ActsProps {
  readonly base: string;
  readonly request: RequestDetail;
  readonly scopes: readonly string[];
  readonly open: boolean;
  readonly onDone: () => void;
}

function AuthorActs({ base, request, scopes, open, onDone }: ActsProps) {
  if (!open || !can(scopes, "governance:request")) return null;
  return (
    <div className="flex flex-wrap gap-2 border-t pt-3">
      <ConfirmDialog
        title="Run the checks again?"
        touches={`All ${request.checks.total} checks run anew under the newest policy and against the champion of now. ${lost(request)}`}
        action="Run again"
        onConfirm={async () => {
          await api(`${base}/evaluation`, { body: {} });
          onDone();
        }}
        trigger={
          <Button size="sm" icon={<RotateCcw aria-hidden />}>
            Run checks again
          </Button>
        }
      />
      {request.mayWithdraw ? (
        <ConfirmDialog
          title={`Withdraw request ${request.number}?`}
          touches="The version stays registered and can be requested again later. Reviewers no longer see it as waiting."
          action="Withdraw"
          reason="optional"
          onConfirm={async (reason) => {
            await api(`${base}/withdrawal`, { body: { reason } });
            onDone();
          }}
          trigger={
            <Button size="sm" variant="ghost" icon={<Undo2 aria-hidden />}>
              Withdraw
            </Button>
          }
        />
      ) : null}
    </div>
  );
}

function lost(request: RequestDetail): string {
  return request.approvals.given > 0
    ? "Approvals given so far become void."
    : "No approval was given yet, so none is lost.";
}
