import type { EndpointHealth } from "#server/serving/contract.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";

const LOOKS: Record<EndpointHealth, { status: string; label: string }> = {
  live: { status: "live", label: "Live" },
  stopped: { status: "stopped", label: "Stopped" },
  waiting: { status: "waiting", label: "Waiting" },
  failing: { status: "error", label: "Failing" },
  down: { status: "error", label: "Not answering" },
};

/** What an endpoint does now, as an icon and a word. */
export function HealthBadge({ health, reason }: { health: EndpointHealth; reason?: string | null }) {
  const { status, label } = LOOKS[health];
  return <StatusBadge status={status} label={label} title={reason ?? undefined} />;
}
