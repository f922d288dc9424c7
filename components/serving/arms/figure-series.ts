import type { ArmTraffic, EndpointTraffic } from "#server/serving/contract.ts";
import type { LineSeriesItem } from "#components/ui/charts/line-series.tsx";
import { ARM_NAMES } from "./arm-words.ts";

type Point = ArmTraffic["points"][number];

/** What tells one version in one role from others, in the address. */
export function keyOf({ arm, versionId }: Pick<ArmTraffic, "arm" | "versionId">): string {
  return `${arm}.${versionId}`;
}

/** "Champion, version 3". */
export function titleOf({ arm, version }: Pick<ArmTraffic, "arm" | "version">): string {
  return `${ARM_NAMES[arm]}, ${version === null ? "a version that is gone" : `version ${version}`}`;
}

/**
 * One line per arm. Gold is for the version that is champion now and steel for the one that answers beside it; earlier champions take a colour of the
 * palette.
 */
export function byArm(
  arms: readonly ArmTraffic[],
  liveVersionId: string | null,
  pick: (point: Point) => number | null,
): LineSeriesItem[] {
  return arms.map((arm) => {
    const role =
      arm.arm === "champion" && arm.versionId === liveVersionId
        ? ("champion" as const)
        : arm.arm === "canary" || arm.arm === "ab"
          ? ("challenger" as const)
          : undefined;
    return {
      id: keyOf(arm),
      name: titleOf(arm),
      ...(role ? { role } : {}),
      points: arm.points.map((point) => ({ x: point.at, y: pick(point) })),
    };
  });
}

/** Several lines of one arm. */
export function ofOne(
  arm: ArmTraffic,
  lines: readonly { readonly id: string; readonly name: string; readonly pick: (point: Point) => number | null }[],
): LineSeriesItem[] {
  return lines.map(({ id, name, pick }) => ({
    id,
    name,
    points: arm.points.map((point) => ({ x: point.at, y: pick(point) })),
  }));
}

/** Requests in a minute, whatever the length of a step. */
export function perMinute(traffic: Pick<EndpointTraffic, "stepMs">): (count: number) => number {
  return (count) => count / (traffic.stepMs / 60_000);
}

/** Rows that the model scored in one run, on average; null in a step without a run. */
export function rowsPerBatch({ rows, executions }: Pick<Point, "rows" | "executions">): number | null {
  return executions === 0 ? null : rows / executions;
}

/** Share of the requests that failed here, in percent; null in a step without requests. */
export function failedPercent({ requests, failed }: Pick<Point, "requests" | "failed">): number | null {
  return requests === 0 ? null : (failed / requests) * 100;
}
