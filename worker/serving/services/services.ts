import type { Registry } from "prom-client";
import type { Log } from "#server/platform/log.ts";
import { redactedJson, ServiceCallLog, ServiceMinutes, ServiceToken } from "#server/serving/index.ts";
import { openLiveService } from "./live-service.ts";
import { LiveServices } from "./live-services.ts";
import { predictionsFor } from "./predict-for-service.ts";
import { ServiceFollower } from "./service-follower.ts";
import { ServiceHandler, type ServiceHandlerOptions, type ServiceOutcome } from "./service-handler.ts";
import { registerServiceMetrics } from "./service-metrics.ts";

const COUNTS_MS = 10_000;

export interface ServicesOptions {
  readonly workerId: string;
  readonly log: Log;
  readonly metrics: Registry;
  readonly publicUrl: string;
  readonly bodyBytes: number;
  readonly authenticate: ServiceHandlerOptions["authenticate"];
  readonly admit: ServiceHandlerOptions["admit"];
  /** Told of a token's call that came to nothing for another reason than its limits. */
  readonly onFailed: (tokenId: string, serviceId: string) => void;
  /** Called after calls were logged, with the services and their projects. */
  readonly onLogged: (services: ReadonlyMap<string, string>) => void;
}

export interface Services {
  readonly handler: ServiceHandler;
  /** Begins to follow the plan; `ownUrl` is where this process itself listens. Returns what ends it all. */
  readonly start: (ownUrl: string) => () => Promise<void>;
}

/** The customised services of a serving process: what is live, who answers for it, its log, counts and metrics. */
export function createServices(options: ServicesOptions): Services {
  const { workerId, log, metrics } = options;
  let ownUrl = "";
  const minutes = new ServiceMinutes(workerId, log);
  const calls = new ServiceCallLog({
    log,
    onDropped: (service, publication, n) => minutes.dropped(service, publication, n),
    onWritten: options.onLogged,
  });
  const services = new LiveServices(
    log,
    (entry) =>
      openLiveService(entry, {
        workerId,
        log: log.child({ runtime: "service" }),
        onCall: predictionsFor(new ServiceToken(entry.name, entry.projectId), () => ownUrl),
      }),
    () => follower.wake(),
  );
  const follower: ServiceFollower = new ServiceFollower(services, log);
  const measured = registerServiceMetrics(metrics, () => services.all());

  const countCrashes = () => {
    for (const service of services.all()) {
      const { crashes } = service.process.state;
      const { serviceId, publication } = service.entry;
      if (crashes > service.countedCrashes) minutes.crashed(serviceId, publication, crashes - service.countedCrashes);
      service.countedCrashes = crashes;
    }
  };
  const onOutcome = (outcome: ServiceOutcome) => {
    const { service, status, latencyUs, input, output, caller, ...told } = outcome;
    const { serviceId, projectId, publication, name, redaction } = service.entry;
    minutes.answered(serviceId, publication, status, latencyUs);
    measured.answered(name, publication, status, latencyUs / 1e6);
    const kept = { input: redactedJson(input, redaction), output: redactedJson(output, redaction) };
    if (caller !== null && status >= 400 && status !== 429) options.onFailed(caller, serviceId);
    calls.add({ ...told, ...kept, serviceId, projectId, publication, status, latencyUs, caller });
  };
  const handler = new ServiceHandler({
    services,
    publicUrl: options.publicUrl,
    bodyBytes: options.bodyBytes,
    log,
    authenticate: options.authenticate,
    admit: options.admit,
    onOutcome,
  });
  return {
    handler,
    start: (url) => {
      ownUrl = url;
      const stopFollowing = follower.start();
      const timer = setInterval(() => {
        countCrashes();
        void minutes.flush();
      }, COUNTS_MS);
      return async () => {
        clearInterval(timer);
        await stopFollowing();
        countCrashes();
        await services.close();
        await calls.stop();
        await minutes.flush();
        measured.remove();
      };
    },
  };
}
