import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { addVersion, createDataset } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { hexId, uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { putFile } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { registerVersion } from "#server/registry/index.ts";
import { chooseRun, logBatch } from "#server/tracking/index.ts";
import { PENGUINS } from "#worker/serving/testing/penguins.ts";
import { getRequest, requestPromotion, writePolicy } from "./index.ts";

testDatabase();

const seeder = systemActor("test");
let people: Awaited<ReturnType<typeof somePeople>>;
let datasetVersionId = "";

beforeAll(async () => {
  people = await somePeople();
  const project = people.project.id;
  await createDataset(seeder, project, { name: "penguins", labelColumn: "species" });
  const filePath = path.join(PENGUINS, "data/penguins-2007-2008.csv");
  const origin = { kind: "seed", file: "penguins.csv" } as const;
  const version = await addVersion(seeder, project, {
    dataset: "penguins",
    filePath,
    fileName: "penguins.csv",
    origin,
  });
  datasetVersionId = version.id;
  const text = "version: 1\nmodel: net\nchecks:\n  - {id: data, type: dataset, dataset: penguins}\n";
  await writePolicy(seeder, project, { text });
});

/** A version that can be promoted: with file, run, commit and data. */
async function aVersion(): Promise<VersionDto> {
  const { alice, project } = people;
  const { id: experimentId } = await prisma().experiment.findFirstOrThrow({ where: { projectId: project.id } });
  const run = { id: hexId(), projectId: project.id, experimentId, startTime: 0n, commit: "a".repeat(40) };
  await prisma().run.create({ data: run });
  const { sha256 } = await putFile(path.join(import.meta.dirname, "../registry/fixtures/mlp.onnx"));
  return await registerVersion(alice, project.id, { model: "net", sha256, runId: run.id, datasetVersionId });
}

async function choose(runId: string | null) {
  const { alice, project } = people;
  const metrics = [{ key: "accuracy", value: 0.9, timestamp: 1, step: 0 }];
  await logBatch(alice, project.id, { runId: runId ?? "", metrics });
  return await chooseRun(alice, project.id, { metric: "accuracy", runs: [runId ?? ""] });
}

test("a request names the choice that took the run of its version, and no other", async () => {
  const { alice, bob, project } = people;
  const [version, other] = [await aVersion(), await aVersion()];
  const [chosen, elsewhere] = [await choose(version.runId), await choose(other.runId)];
  const ask = (selection: string) =>
    requestPromotion(alice, project.id, { model: "net", version: String(version.version), selection });
  await expect(ask(elsewhere.id ?? "")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(ask(uuidv7())).rejects.toMatchObject({ code: "not_found" });
  await expect(ask("mine")).rejects.toMatchObject({ code: "invalid_input" });
  const { number } = await ask(chosen.id ?? "");
  const request = await getRequest(bob, project.id, { number });
  expect(request.trigger).toMatchObject({ kind: "person", selection: chosen.id });
  expect(request.selection).toMatchObject({ chosen: { runId: version.runId, value: 0.9 }, total: 1 });
});
