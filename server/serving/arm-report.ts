import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { armDtos } from "./arm-dto.ts";
import { ARM_CODES, type AnsweringArm, type ArmReport, type ReportedArm } from "./arms-contract.ts";
import { findArm } from "./find-arm.ts";
import { readMinutes } from "./read-minutes.ts";
import { judgeMetrics, type MetricSums } from "./report-metrics.ts";
import { ratioOf } from "./report-ratio.ts";
import { countLogged, type Compared, type LoggedCounts, sumMetrics } from "./report-rows.ts";
import { addCounts, emptyCounts, totalsOf } from "./traffic-totals.ts";

const MINUTE_MS = 60_000;

/**
 * What a canary or an A/B has shown since its share is what it is: how many requests each side got against the declared split, how they were answered,
 * and what the outcomes say. Only requests that the router dealt count. Of a champion that was replaced meanwhile, the time before that.
 * Errors: not_found; conflict for a shadow, which answers nobody.
 */
export const getArmReport = defineUseCase({
  name: "serving.get-arm-report",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string(), id: z.uuid() }),
  async run({ input, project, db }): Promise<ArmReport> {
    const { endpoint, arm } = await findArm(db, project.id, input);
    if (arm.kind !== "canary" && arm.kind !== "ab")
      throw new AppError("conflict", "A shadow answers nobody, so it takes no part in a split.", {
        field: "id",
        value: arm.id,
        remedy: "Its predictions stand beside the champion's in the log.",
      });
    const notes: string[] = [];
    const span = await spanOf(db, endpoint.id, arm, notes);
    const champion: Side = { arm: "champion", versionId: span.champion.versionId, version: span.champion.version };
    const challenger: Side = { arm: arm.kind, versionId: arm.versionId, version: arm.version };
    const versions = await db.modelVersion.findMany({
      where: { projectId: project.id, id: { in: [champion.versionId, challenger.versionId] } },
      select: { id: true, signature: true },
    });
    const compared: Compared = {
      endpointId: endpoint.id,
      from: span.from,
      to: span.to,
      sides: [champion, challenger].map(({ arm: kind, versionId }) => {
        const signature = ModelSignature.safeParse(versions.find((version) => version.id === versionId)?.signature);
        return { code: ARM_CODES[kind], versionId, classes: signature.data?.classes ?? null };
      }),
    };
    const counted = await countLogged(compared, endpoint.logShare >= 1);
    const sums = await sumMetrics(compared);
    const traffic = await trafficOf(endpoint.id, arm, span, [champion, challenger]);
    const [mine, theirs] = [reported(champion, traffic, counted), reported(challenger, traffic, counted)];
    const ratio = ratioOf({ champion: mine.requests, arm: theirs.requests, counted, challenger, share: arm.share });
    if (endpoint.logShare < 1)
      notes.push(
        `The log keeps ${Math.round(endpoint.logShare * 10_000) / 100}% of the predictions; metrics are of those.`,
      );
    if (ratio.verdict === "broken")
      notes.push(
        "The split is not what was declared, so a difference may come from who was in the arms, not from the versions.",
      );
    const [dto] = await armDtos(db, [arm]);
    if (!dto) throw new Error("unreachable: an arm that was found has a description");
    return {
      arm: dto,
      from: new Date(span.from).toISOString(),
      to: new Date(span.to).toISOString(),
      ratio,
      champion: mine,
      challenger: theirs,
      metrics: judgeMetrics(sumsOf(sums, champion), sumsOf(sums, challenger), ratio.verdict === "broken"),
      notes,
    };
  },
});

interface Side {
  readonly arm: AnsweringArm;
  readonly versionId: string;
  readonly version: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly champion: { readonly versionId: string; readonly version: number };
}

/** From when the share is what it is until now, the end of the arm, or the end of the champion that it began beside. */
async function spanOf(
  db: Db,
  endpointId: string,
  arm: { readonly versionId: string; readonly shareSince: Date; readonly endedAt: Date | null },
  notes: string[],
): Promise<Span> {
  const deployments = await db.endpointDeployment.findMany({
    where: { endpointId, startedAt: { lte: arm.endedAt ?? new Date() } },
    orderBy: { startedAt: "asc" },
  });
  // A version never takes part beside itself: where it was the champion until then, serving had not changed over yet, and the first to do so is meant.
  const others = deployments.filter((one) => one.versionId !== arm.versionId);
  const before = deployments.findLast((one) => one.startedAt <= arm.shareSince);
  const began =
    before && before.versionId !== arm.versionId ? before : others.find((one) => one.startedAt > arm.shareSince);
  if (!began)
    throw new AppError("conflict", "No champion has answered beside this arm yet, so there is nothing to compare.", {
      remedy: "Look again once the endpoint answers.",
    });
  const later = deployments.find((one) => one.startedAt > began.startedAt && one.versionId !== began.versionId);
  const end = arm.endedAt?.getTime() ?? Date.now();
  if (later && later.startedAt.getTime() < end)
    notes.push(
      `Version ${later.version} took the place of version ${began.version} as champion; the report ends there.`,
    );
  return {
    from: Math.max(arm.shareSince.getTime(), began.startedAt.getTime()),
    to: Math.min(end, later?.startedAt.getTime() ?? end),
    champion: { versionId: began.versionId, version: began.version },
  };
}

/**
 * Counts by side while the arm had a part of the requests. After a change of its share, from the next whole minute on: the one in which it was changed has
 * requests of both shares.
 */
async function trafficOf(
  endpointId: string,
  arm: { readonly id: string; readonly shareSince: Date; readonly startedAt: Date },
  span: Span,
  sides: readonly Side[],
) {
  const counts = new Map(sides.map((side) => [keyOf(side), { counts: emptyCounts(), routed: 0 }]));
  const isChanged = arm.shareSince > arm.startedAt;
  const from = (isChanged ? Math.ceil(span.from / MINUTE_MS) : Math.floor(span.from / MINUTE_MS)) * MINUTE_MS;
  await readMinutes([endpointId], from, span.to, (_, __, more, of) => {
    const mine = counts.get(keyOf(of));
    if (!mine || of.beside !== arm.id) return;
    addCounts(mine.counts, more);
    mine.routed += of.routed;
  });
  return counts;
}

const keyOf = ({ arm, versionId }: { readonly arm: string; readonly versionId: string }) => `${arm} ${versionId}`;

function reported(
  side: Side,
  traffic: Awaited<ReturnType<typeof trafficOf>>,
  counted: ReadonlyMap<number, LoggedCounts>,
): ReportedArm {
  const { counts, routed } = traffic.get(keyOf(side)) ?? { counts: emptyCounts(), routed: 0 };
  const { refused, failed, p50Ms, p95Ms, p99Ms } = totalsOf(counts);
  const logged = counted.get(ARM_CODES[side.arm]);
  return {
    ...side,
    requests: routed,
    refused,
    failed,
    p50Ms,
    p95Ms,
    p99Ms,
    rows: logged?.rows ?? 0,
    outcomes: logged?.outcomes ?? 0,
  };
}

function sumsOf(sums: readonly MetricSums[], side: Side): MetricSums[] {
  return sums.filter((sum) => sum.code === ARM_CODES[side.arm]);
}
