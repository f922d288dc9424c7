import { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { runJob } from "#server/platform/testing/jobs.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  createRun,
  deleteEvaluation,
  deleteRuns,
  getEvaluation,
  inspectPredictions,
  jobs,
  listEvaluations,
  startEvaluation,
  uploadArtifact,
} from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let run = "";
const CSV = "label,prediction,probability,site\n1,1,0.9,a\n0,0,0.2,a\n1,0,0.4,b\n0,0,0.1,b\n";

const upload = (path: string, text: string) =>
  uploadArtifact(
    people.alice,
    people.project.id,
    { owner: { kind: "run", id: run }, path },
    Readable.from([Buffer.from(text)]),
  );
const compute = (evaluationId: string) =>
  runJob(jobs, "tracking.compute-evaluation", { projectId: people.project.id, evaluationId });

beforeAll(async () => {
  people = await somePeople();
  run = (await createRun(people.alice, people.project.id, { name: "scored" })).id;
  await upload("reports/holdout.csv", CSV);
});

test("a file is looked into, evaluated by the worker, and its scores can be read", async () => {
  const { alice, bob, project } = people;
  const file = await inspectPredictions(bob, project.slug, { runId: run, artifact: "reports/holdout.csv" });
  expect(file).toMatchObject({ rows: 4, guess: { task: "classification", positive: "1" } });
  const asked = await startEvaluation(alice, project.slug, { runId: run, artifact: "reports/holdout.csv" });
  expect(asked).toMatchObject({ status: "queued", name: "holdout", result: null, createdBy: "Alice" });
  await compute(asked.id);
  const done = await getEvaluation(bob, project.slug, { evaluation: asked.id });
  expect(done.status).toBe("done");
  expect(Object.fromEntries((done.result?.metrics ?? []).map((one) => [one.name, one.value]))).toMatchObject({
    accuracy: 0.75,
    precision: 1,
    recall: 0.5,
    auc: 1,
  });
  expect(done.result?.segments.map((one) => [one.value, one.n])).toEqual([
    ["a", 2],
    ["b", 2],
  ]);
  // Again, as a queue may deliver twice: nothing changes.
  await compute(asked.id);
  expect(await getEvaluation(bob, project.slug, { evaluation: asked.id })).toEqual(done);
  expect((await listEvaluations(bob, project.slug, { runs: [run] })).map((one) => one.id)).toEqual([done.id]);
  const events = await prisma().auditEvent.findMany({ where: { subjectId: run, action: "run.evaluated" } });
  expect(events).toHaveLength(1);
  await deleteEvaluation(alice, project.slug, { evaluation: done.id });
  await expect(getEvaluation(alice, project.slug, { evaluation: done.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("predictions in the agreed place are evaluated by themselves, once for each content", async () => {
  const { alice, project } = people;
  const { sha256 } = await upload("touchstone/predictions.csv", CSV);
  const payload = { projectId: project.id, runId: run, artifact: "touchstone/predictions.csv", sha256 };
  // The upload queued the job; here it is delivered twice.
  const queued = await prisma().$queryRaw<{ n: number }[]>`
    select count(*)::int as n from pgboss.job where name = 'tracking.evaluate-upload' and data->>'runId' = ${run}`;
  expect(queued[0]?.n).toBe(1);
  await runJob(jobs, "tracking.evaluate-upload", payload);
  await runJob(jobs, "tracking.evaluate-upload", payload);
  const found = await listEvaluations(alice, project.slug, { runs: [run] });
  expect(found.map((one) => [one.artifact, one.status])).toEqual([["touchstone/predictions.csv", "queued"]]);
});

test("what cannot be evaluated says why", async () => {
  const { alice, project } = people;
  await upload("reports/odd.csv", "a,b\n1,2\n");
  const odd = { runId: run, artifact: "reports/odd.csv" };
  await expect(startEvaluation(alice, project.slug, odd)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(startEvaluation(alice, project.slug, { ...odd, artifact: "nowhere.csv" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(
    startEvaluation(alice, project.slug, { ...odd, task: "regression", columns: { label: "a", prediction: "c" } }),
  ).rejects.toThrow(/no column 'c'/);
  const wrong = await startEvaluation(alice, project.slug, {
    ...odd,
    task: "classification",
    columns: { label: "a", prediction: "a", probabilities: [{ column: "b", class: "1" }] },
  });
  await compute(wrong.id);
  expect(await getEvaluation(alice, project.slug, { evaluation: wrong.id })).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/Row 1 has 2 where a probability should be/) as string,
  });
});

test("readers may not start one, a deleted run takes none, and another project sees nothing", async () => {
  const { alice, bob, eve, project, other } = people;
  const wish = { runId: run, artifact: "reports/holdout.csv" };
  await expect(startEvaluation(bob, project.slug, wish)).rejects.toMatchObject({ code: "forbidden" });
  await expect(startEvaluation(eve, other.slug, wish)).rejects.toMatchObject({ code: "not_found" });
  await expect(inspectPredictions(eve, other.slug, wish)).rejects.toMatchObject({ code: "not_found" });
  expect(await listEvaluations(eve, other.slug, { runs: [run] })).toEqual([]);
  const [own] = await listEvaluations(alice, project.slug, { runs: [run] });
  await expect(getEvaluation(eve, other.slug, { evaluation: own?.id ?? "" })).rejects.toMatchObject({
    code: "not_found",
  });
  await deleteRuns(alice, project.slug, { runIds: [run] });
  await expect(startEvaluation(alice, project.slug, wish)).rejects.toMatchObject({ code: "invalid_input" });
});
