"use client";

import { TextLink } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Id } from "#components/ui/copy.tsx";
import { Sheet } from "#components/ui/dialog.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Time } from "#components/ui/values.tsx";
import type { AuditTrailEvent } from "#server/overview/contract.ts";
import { splitDetails } from "./split-details.ts";

/** The whole record of one event: before and after beside what else was noted, and the id that joins it with the logs. */
export function AuditEventSheet({ event, onClose }: { event: AuditTrailEvent | null; onClose: () => void }) {
  return (
    <Sheet
      title={event?.summary ?? "Event"}
      width="560px"
      open={event !== null}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      {event === null ? null : <Record event={event} />}
    </Sheet>
  );
}

function Record({ event }: { event: AuditTrailEvent }) {
  const { before, after, rest } = splitDetails(event.details);
  return (
    <div className="space-y-4">
      <KeyValue
        items={[
          {
            label: "When",
            value: (
              <>
                {new Date(event.at).toISOString()} (<Time at={event.at} />)
              </>
            ),
          },
          { label: "Who", value: `${event.actorName} (${event.actorKind})` },
          { label: "Action", value: <span className="font-mono text-xs">{event.action}</span> },
          event.project !== null && {
            label: "Project",
            value: <TextLink href={`/p/${event.project.slug}`}>{event.project.name}</TextLink>,
          },
          {
            label: "Subject",
            value: (
              <>
                {event.subjectType} <Id value={event.subjectId} />
              </>
            ),
          },
          { label: "Request id", value: <Id value={event.requestId} length={36} /> },
          { label: "Event", value: <Id value={event.id} length={20} /> },
        ]}
      />
      {before === null ? null : <CodeBlock title="Before" code={before} wrap />}
      {after === null ? null : <CodeBlock title="After" code={after} wrap />}
      {rest === null ? null : <CodeBlock title="Details" code={rest} wrap />}
      {before === null && after === null && rest === null ? (
        <p className="text-sm text-muted">Nothing more was recorded.</p>
      ) : null}
    </div>
  );
}
