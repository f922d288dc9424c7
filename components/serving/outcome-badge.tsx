import type { PredictionSummary } from "#server/serving/contract.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Num } from "#components/ui/values.tsx";

/** What an outcome says of the prediction, as icon and word. */
export function OutcomeBadge({ prediction }: { prediction: PredictionSummary }) {
  const { outcome, label } = prediction;
  if (!outcome) return <span className="text-muted">not known yet</span>;
  if (outcome.label === null) return <Num value={outcome.value} digits={6} />;
  return outcome.label === label ? (
    <Badge tone="good">{outcome.label}</Badge>
  ) : (
    <Badge tone="bad">{outcome.label}</Badge>
  );
}
