import { StatusBadge } from "#components/ui/status-badge.tsx";

/** Steps and runs speak of a queue; "ready" alone would read as done. */
const WORDS: Readonly<Record<string, { status: string; label: string }>> = {
  pending: { status: "pending", label: "Waits" },
  ready: { status: "queued", label: "Next" },
  preparing: { status: "running", label: "Preparing" },
  out_of_memory: { status: "failed", label: "Out of memory" },
};

/** The state of a pipeline run, step or attempt: icon and word. */
export function PipelineStatus({ status, size }: { status: string; size?: "sm" | "md" | undefined }) {
  const look = WORDS[status];
  return <StatusBadge status={look?.status ?? status} label={look?.label} size={size} />;
}
