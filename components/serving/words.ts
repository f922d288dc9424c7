import type { Availability, EndpointSummary, LiveVersion, QuotaDto, TrafficTotals } from "#server/serving/contract.ts";
import { formatDuration, formatNumber, formatPercent, plural } from "#components/ui/format.ts";

/** "Bob", "Bob and Eve"; empty without a request. */
export function approversOf(live: Pick<LiveVersion, "request"> | null): string {
  return live?.request?.approvedBy.join(" and ") ?? "";
}

/** What share of requests failed here; null without requests. What callers got wrong is not counted. */
export function failureShare({ requests, failed }: Pick<TrafficTotals, "requests" | "failed">): number | null {
  return requests === 0 ? null : failed / requests;
}

/** How an endpoint does, in words for somebody who only wants to know whether all is well. */
export function inPlainWords(
  endpoint: Pick<EndpointSummary, "lastHour" | "latencyBudgetMs" | "live" | "reason">,
): string {
  if (endpoint.reason) return endpoint.reason;
  const { requests, rows, refused, failed, p95Ms } = endpoint.lastHour;
  if (requests === 0) return "Nobody asked for a prediction in the last hour.";
  const answered = failed === 0 ? "none failed" : `${formatPercent(failed / requests, 2)} failed`;
  // The budget is for one row; a request of many may take longer.
  const isJudged = p95Ms !== null && rows === requests - refused - failed;
  const within = !isJudged
    ? ""
    : p95Ms <= endpoint.latencyBudgetMs
      ? ", as fast as promised"
      : ", slower than promised";
  const speed = p95Ms === null ? "" : `; 95 of 100 answers took at most ${formatNumber(p95Ms)} ms${within}`;
  return `In the last hour ${plural(requests, "request")}, ${answered}${speed}.`;
}

/** A share of time to hundredths of a percent, never rounded up to 100. */
export function uptimeText(uptime: number | null): string {
  if (uptime === null) return "–";
  return `${(Math.floor(uptime * 10_000) / 100).toFixed(2)}%`;
}

/** What an uptime is computed from, in a sentence. */
export function availabilityText({ ok, slow, failed, excluded, unknown, since }: Availability): string {
  const probes = ok + slow + failed;
  return [
    `${plural(probes, "probe")} since ${since.slice(0, 10)}, ${failed} failed`,
    excluded > 0 ? `stopped for ${probeTime(excluded)}, not counted` : "",
    unknown > 0 ? `${probeTime(unknown)} without a probe, not known` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

/** The time that so many probes stand for: one in 30 seconds. */
export function probeTime(probes: number): string {
  return formatDuration(probes * 30_000);
}

/** What a token may ask for, in words. */
export function quotaText({ ratePerSecond, rowsPerDay, rowsLeft }: QuotaDto): string {
  const rate = ratePerSecond === null ? [] : [`${formatNumber(ratePerSecond)} requests a second`];
  const rows = rowsPerDay === null ? [] : [`${formatNumber(rowsLeft)} of ${formatNumber(rowsPerDay)} rows left today`];
  return [...rows, ...rate].join(", ") || "no limit";
}
