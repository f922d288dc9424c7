import { StatusBadge } from "#components/ui/status-badge.tsx";
import type { RunStatus } from "#server/tracking/contract.ts";

/** The state of a run, as an icon and a word. */
export function RunStatusBadge({ status }: { status: RunStatus }) {
  return <StatusBadge status={status.toLowerCase()} />;
}
