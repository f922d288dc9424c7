import type { ServiceHealth as Health } from "#server/serving/contract.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";

const LOOKS: Record<Health, { status: string; label: string }> = {
  live: { status: "live", label: "Live" },
  starting: { status: "waiting", label: "Starting" },
  failing: { status: "error", label: "Failing" },
  stopped: { status: "stopped", label: "Stopped" },
  unpublished: { status: "stopped", label: "Unpublished" },
  down: { status: "error", label: "Not answering" },
};

/** What a service does now, as an icon and a word. */
export function ServiceHealth({ health, reason }: { health: Health; reason?: string | null }) {
  const { status, label } = LOOKS[health];
  return <StatusBadge status={status} label={label} title={reason ?? undefined} />;
}
