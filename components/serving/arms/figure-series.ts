import type { ArmTraffic, EndpointDetail, EndpointTraffic } from "#server/serving/contract.ts";
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

/** Ids of the versions that answer now. */
export interface AnswersNow {
  readonly champion: string | null;
  readonly beside: string | null;
}

/** Which versions of an endpoint answer callers now. */
export function answersNow({ live, arms }: Pick<EndpointDetail, "live" | "arms">): AnswersNow {
  const beside = arms.find((arm) => arm.kind !== "shadow");
  return { champion: live?.versionId ?? null, beside: beside?.versionId ?? null };
}

/**
 * One line per arm. Gold is for the version that is champion now and steel for the one that answers beside it; those of before take a colour of the
 * palette, so that two canaries of an hour can be told apart.
 */
export function byArm(
  arms: readonly ArmTraffic[],
  now: AnswersNow,
  pick: (point: Point) => number | null,
): LineSeriesItem[] {
  return arms.map((arm) => {
    const role =
      arm.arm === "champion" && arm.versionId === now.champion
        ? ("champion" as const)
        : (arm.arm === "canary" || arm.arm === "ab") && arm.versionId === now.beside
          ? ("challenger" as const)
          : undefined;
    return {
      id: keyOf(arm),
      name: titleOf(arm),
      ...(role ? { role } : {}),
      // What answers nobody must not be taken for what does, beside gold least of all.
      ...(arm.arm === "shadow" ? { dashed: true } : {}),
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
