import { type Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { getVersion } from "#server/registry/index.ts";
import { listEndpoints } from "#server/serving/index.ts";
import { MonitorConfig } from "./contract.ts";
import { windowOf } from "./event-windows.ts";

export interface RetrainingTarget {
  readonly endpoint: { readonly id: string; readonly name: string; readonly model: string };
  readonly champion: VersionDto;
  readonly config: MonitorConfig;
  /** End of the newest window that crossed the threshold, milliseconds since 1970. */
  readonly until: number;
}

/** What retraining for an alert works on. Errors: conflict when the endpoint is gone, not_found when its model has no champion. */
export async function retrainingTarget(
  actor: Actor,
  projectId: string,
  alert: { readonly lastWindowAt: Date; readonly monitor: { readonly endpointId: string; readonly config: unknown } },
): Promise<RetrainingTarget> {
  const config = MonitorConfig.parse(alert.monitor.config);
  const endpoint = (await listEndpoints(actor, projectId, {})).find(({ id }) => id === alert.monitor.endpointId);
  if (!endpoint) throw new AppError("conflict", "The endpoint of this alert is gone.", { field: "endpoint" });
  const champion = await getVersion(actor, projectId, { name: endpoint.model, version: "@champion" });
  return { endpoint, champion, config, until: windowOf(alert.lastWindowAt.getTime(), config.window).endsAt };
}
