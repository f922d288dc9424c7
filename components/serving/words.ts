import type { EndpointSummary, LiveVersion, TrafficTotals } from "#server/serving/contract.ts";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";

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
