import type { EndpointDetail } from "#server/serving/contract.ts";
import { Sparkline } from "#components/ui/charts/sparkline.tsx";
import { formatNumber, formatPercent, plural } from "#components/ui/format.ts";
import { Stat } from "#components/ui/stat.tsx";
import { failureShare } from "./words.ts";

/** The last hour in four numbers, each with what it is counted over. */
export function EndpointStats({ endpoint }: { endpoint: EndpointDetail }) {
  const { lastHour, minutes, latencyBudgetMs, logged } = endpoint;
  const failed = failureShare(lastHour);
  return (
    <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
      <Stat
        label="Requests, last hour"
        value={lastHour.requests}
        n={lastHour.rows}
        of="rows answered"
        spark={<Sparkline values={minutes} label="Requests by minute, last hour" />}
      />
      <Stat
        label={`Latency p95 (budget of one row: ${formatNumber(latencyBudgetMs)} ms)`}
        value={lastHour.p95Ms}
        unit="ms"
        n={lastHour.requests - lastHour.refused - lastHour.failed}
        of="answered requests"
      />
      <Stat
        label="Failed here, last hour"
        value={failed === null ? "–" : formatPercent(failed, failed > 0 && failed < 0.001 ? 3 : 1)}
        n={lastHour.requests}
        of={lastHour.refused > 0 ? `requests, ${formatNumber(lastHour.refused)} refused as wrong` : "requests"}
      />
      <Stat
        label="Outcomes known"
        value={logged.predictions === 0 ? "–" : formatPercent(logged.outcomes / logged.predictions)}
        n={logged.predictions}
        of={lastHour.logDropped > 0 ? `logged; ${plural(lastHour.logDropped, "row")} lost` : "logged predictions"}
      />
    </div>
  );
}
