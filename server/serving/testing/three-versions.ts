import { Registry } from "prom-client";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { crown, registerOnnx, type Registered } from "#server/platform/testing/champions.ts";
import type { somePeople } from "#server/platform/testing/people.ts";
import { ensureEndpoint, PredictionLog, settleEndpoint } from "../index.ts";
import type { PredictionRecord } from "../records-contract.ts";
import { recordOf } from "./records.ts";

const platform = systemActor("test");

/** A live endpoint of a model with three versions: the champion, one that is approved too, and one that is not. */
export interface ThreeVersions {
  readonly name: string;
  readonly endpointId: string;
  readonly first: Registered;
  readonly second: Registered;
  readonly third: Registered;
}

export async function threeVersions(people: Awaited<ReturnType<typeof somePeople>>): Promise<ThreeVersions> {
  const name = `m-${uuidv7().slice(-12)}`;
  const version = () => registerOnnx(platform, people.project.id, name);
  const [first, second, third] = [await version(), await version(), await version()];
  await ensureEndpoint(platform, people.project.id, { modelId: first.modelId });
  await crown(second, people.alice, people.bob);
  const { requestId } = await crown(first, people.alice, people.bob);
  const { id: endpointId } = await prisma().endpoint.findUniqueOrThrow({ where: { name } });
  const live = { versionId: first.versionId, version: 1, requestId };
  await settleEndpoint(platform, people.project.id, { endpointId, live, problem: null });
  return { name, endpointId, first, second, third };
}

/** Writes predictions into the log, of the champion unless a record says otherwise. */
export async function writePredictions(
  projectId: string,
  { endpointId, first }: ThreeVersions,
  records: readonly Partial<PredictionRecord>[],
): Promise<void> {
  const predictions = new PredictionLog({ log, metrics: new Registry() });
  for (const record of records)
    predictions.add(recordOf({ endpointId, projectId, modelVersionId: first.versionId }, record));
  await predictions.stop(20_000);
}
