import type { OwnUsage } from "#server/serving/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { formatNumber, plural } from "#components/ui/format.ts";

/** What a token asked endpoints and services for, where, and what is left of its quota today. */
export function TokenUsageCell({ project, usage }: { project: string; usage: OwnUsage | undefined }) {
  if (!usage || (usage.requests === 0 && usage.quota.rowsPerDay === null))
    return <span className="text-muted">none</span>;
  const { rows, limited, failed, endpoints, quota } = usage;
  const refused = [
    limited > 0 ? `${formatNumber(limited)} limited` : "",
    failed > 0 ? `${formatNumber(failed)} failed` : "",
  ];
  return (
    <span className="flex flex-wrap items-center gap-x-1.5" data-number title={refused.filter(Boolean).join(", ")}>
      <span>{plural(rows, "row")}</span>
      {endpoints.slice(0, 2).map(({ endpoint, isService }) => (
        <TextLink
          key={`${endpoint} ${isService}`}
          href={
            isService
              ? `/p/${project}/services/${encodeURIComponent(endpoint)}`
              : `/p/${project}/endpoints/${encodeURIComponent(endpoint)}?tab=usage`
          }
        >
          {endpoint}
        </TextLink>
      ))}
      {quota.rowsPerDay === null ? null : (
        <span className={quota.rowsLeft === 0 ? "text-bad" : "text-muted"}>
          {formatNumber(quota.rowsLeft)} of {formatNumber(quota.rowsPerDay)} left today
        </span>
      )}
    </span>
  );
}
