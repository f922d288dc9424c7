"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Select } from "#components/ui/input.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { WebhookEvent, type WebhookDto, type WebhookTestResult } from "#server/registry/contract.ts";
import { eventWord } from "./event-words.ts";
import { tryWebhook } from "./queries.ts";

/** Sends an example of an event now and shows what the receiver answers. */
export function TestWebhook({
  project,
  webhook,
  onClose,
}: {
  project: string;
  webhook: WebhookDto | null;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={`Test ${webhook?.name ?? ""}`}
      description="Sends an example message once, signed as real ones are. It is no delivery and is not repeated."
      size="md"
      open={webhook !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      {webhook === null ? null : <TestForm project={project} webhook={webhook} />}
    </Dialog>
  );
}

function TestForm({ project, webhook }: { project: string; webhook: WebhookDto }) {
  const [event, setEvent] = useState<WebhookEvent>(webhook.events[0] ?? "model_version.created");
  const mutation = useMutation({ mutationFn: () => tryWebhook(project, webhook.id, event) });
  return (
    <form
      className="space-y-4"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        mutation.mutate();
      }}
    >
      <Field label="Event">
        <Select
          value={event}
          onValueChange={(value) => setEvent(WebhookEvent.parse(value))}
          options={webhook.events.map((each) => ({ value: each, label: `${eventWord(each)} (${each})` }))}
        />
      </Field>
      <FormError error={mutation.error} />
      {mutation.data ? <Answer result={mutation.data} /> : null}
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending}>
          {mutation.data ? "Send another" : "Send test"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function Answer({ result }: { result: WebhookTestResult }) {
  return (
    <div className="space-y-2" role="status">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <StatusBadge status={result.success ? "succeeded" : "failed"} />
        {result.responseStatus === null ? result.error : `The receiver answered ${result.responseStatus}.`}
      </p>
      {result.responseBody ? <CodeBlock title="Answer" code={result.responseBody} wrap maxHeight={200} /> : null}
    </div>
  );
}
