"use client";

import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox, RadioGroup } from "#components/ui/toggle.tsx";
import type { WebhookDto, WebhookEvent } from "#server/registry/contract.ts";
import { EVENT_GROUPS, eventWord } from "./event-words.ts";
import { saveWebhook, type WebhookWish } from "./queries.ts";

interface Props {
  readonly project: string;
  /** null: a new one. */
  readonly webhook: WebhookDto | null;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onSaved: (webhook: WebhookDto) => void;
}

/** Makes a webhook or changes one. */
export function WebhookDialog({ project, webhook, open, onOpenChange, onSaved }: Props) {
  return (
    <Dialog
      title={webhook === null ? "New webhook" : `Edit ${webhook.name}`}
      description="Touchstone posts a message to the address when one of the events happens, as MLflow does."
      size="md"
      open={open}
      onOpenChange={onOpenChange}
    >
      {open ? (
        <WebhookForm
          project={project}
          webhook={webhook}
          onSaved={(saved) => {
            toast.success(webhook === null ? `${saved.name} is told from now on.` : "Saved");
            onOpenChange(false);
            onSaved(saved);
          }}
        />
      ) : null}
    </Dialog>
  );
}

function WebhookForm({ project, webhook, onSaved }: Pick<Props, "project" | "webhook" | "onSaved">) {
  const [name, setName] = useState(webhook?.name ?? "");
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhook?.events ?? []);
  const [how, setHow] = useState<SecretWish>(webhook === null ? "new" : "keep");
  const [secret, setSecret] = useState("");
  const mutation = useMutation({
    mutationFn: () => {
      const wish: WebhookWish = {
        name,
        url,
        description,
        events,
        ...(how === "new" && (secret !== "" || webhook !== null) ? { secret } : how === "none" ? { secret: "" } : {}),
      };
      return saveWebhook(project, webhook?.id ?? null, wish);
    },
    onSuccess: onSaved,
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutation.mutate();
  };
  const incomplete =
    name.trim() === "" || url.trim() === "" || events.length === 0 || (webhook !== null && how === "new" && !secret);
  return (
    <form className="space-y-4" onSubmit={submit}>
      <div className="grid gap-4 sm:grid-cols-[14rem_1fr]">
        <Field label="Name" required hint="Small letters, digits, . _ -" error={fieldError(mutation.error, "name")}>
          <Input mono value={name} placeholder="ci" onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Address" required error={fieldError(mutation.error, "url")}>
          <Input
            mono
            type="url"
            value={url}
            placeholder="https://example.com/hook"
            onChange={(event) => setUrl(event.target.value)}
          />
        </Field>
      </div>
      <Field label="Description" error={fieldError(mutation.error, "description")}>
        <Input value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <EventChoice events={events} onEvents={setEvents} error={fieldError(mutation.error, "events")} />
      <SecretFields
        webhook={webhook}
        how={how}
        onHow={setHow}
        secret={secret}
        onSecret={setSecret}
        error={fieldError(mutation.error, "secret")}
      />
      <FormError error={mutation.error} fields={["name", "url", "description", "events", "secret"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" loading={mutation.isPending} disabled={incomplete}>
          {webhook === null ? "Create webhook" : "Save"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function EventChoice({
  events,
  onEvents,
  error,
}: {
  events: readonly WebhookEvent[];
  onEvents: (events: readonly WebhookEvent[]) => void;
  error: string | undefined;
}) {
  return (
    <fieldset className="space-y-2">
      <legend className="text-sm font-medium">
        Events <span className="font-normal text-muted">(at least one)</span>
      </legend>
      <div className="grid gap-x-4 gap-y-3 rounded-md border p-3 sm:grid-cols-2">
        {EVENT_GROUPS.map((group) => {
          const chosen = group.events.filter((event) => events.includes(event)).length;
          return (
            <div key={group.name} role="group" aria-label={group.name} className="min-w-0 space-y-1.5">
              <Checkbox
                label={<span className="font-medium">{group.name}</span>}
                checked={chosen === 0 ? false : chosen === group.events.length ? true : "indeterminate"}
                onCheckedChange={(on) =>
                  onEvents([...events.filter((event) => !group.events.includes(event)), ...(on ? group.events : [])])
                }
              />
              <div className="flex flex-col gap-1.5 pl-6">
                {group.events.map((event) => (
                  <Checkbox
                    key={event}
                    label={eventWord(event)}
                    checked={events.includes(event)}
                    onCheckedChange={(on) =>
                      onEvents(on ? [...events, event] : events.filter((each) => each !== event))
                    }
                  />
                ))}
              </div>
            </div>
          );
        })}
      </div>
      {error === undefined ? null : <p className="text-xs text-bad">{error}</p>}
    </fieldset>
  );
}

type SecretWish = "keep" | "new" | "none";

/** 256 random bits, as text that survives every configuration file. */
function madeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The secret can be set, replaced and taken away, and never read again. */
function SecretFields({
  webhook,
  how,
  onHow,
  secret,
  onSecret,
  error,
}: {
  webhook: WebhookDto | null;
  how: SecretWish;
  onHow: (how: SecretWish) => void;
  secret: string;
  onSecret: (secret: string) => void;
  error: string | undefined;
}) {
  const [visible, setVisible] = useState(false);
  return (
    <div className="space-y-2">
      {webhook === null ? null : (
        <RadioGroup
          label="Secret"
          value={how}
          onValueChange={(value) => onHow(value === "new" ? "new" : value === "none" ? "none" : "keep")}
          options={[
            { value: "keep", label: webhook.signed ? "Keep the one it has" : "Go on without" },
            { value: "new", label: webhook.signed ? "Replace it" : "Set one" },
            ...(webhook.signed ? [{ value: "none", label: "Remove it: messages are no longer signed" }] : []),
          ]}
        />
      )}
      {how === "new" ? (
        <Field
          label={webhook === null ? "Secret" : "New secret"}
          hint="Signs each message (HMAC-SHA256), so that the receiver knows who sent it. It is kept encrypted and never shown again."
          error={error}
        >
          <span className="flex items-center gap-2">
            <Input
              mono
              type={visible ? "text" : "password"}
              autoComplete="new-password"
              aria-label={webhook === null ? "Secret" : "New secret"}
              value={secret}
              onChange={(event) => onSecret(event.target.value)}
            />
            {visible && secret !== "" ? <CopyButton text={secret} label="Copy the secret" /> : null}
            <Button
              onClick={() => {
                onSecret(madeSecret());
                setVisible(true);
              }}
            >
              Generate
            </Button>
          </span>
        </Field>
      ) : null}
    </div>
  );
}
