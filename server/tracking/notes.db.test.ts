import { beforeAll, expect, test } from "vitest";
import { listInbox } from "#server/inbox/index.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { mentionsIn } from "./contract.ts";
import { createExperiment, createRun, deleteRuns, getNote, getRun, logBatch, writeNote } from "./index.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

test("a note is the tag that MLflow clients read and write", async () => {
  const { alice, bob, eve, project } = people;
  const run = await createRun(alice, project.id, {});
  const owner = { kind: "run" as const, id: run.id };
  await writeNote(alice, project.id, { owner, text: "# Why\n\nIt *works*.\n", before: "" });
  expect((await getRun(alice, project.id, { runId: run.id })).tags).toContainEqual({
    key: "mlflow.note.content",
    value: "# Why\n\nIt *works*.",
  });
  await logBatch(alice, project.id, { runId: run.id, tags: [{ key: "mlflow.note.content", value: "from a script" }] });
  expect(await getNote(bob, project.id, { owner })).toMatchObject({ text: "from a script" });
  await expect(writeNote(bob, project.id, { owner, text: "x", before: "from a script" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(getNote(eve, project.id, { owner })).rejects.toMatchObject({ code: "not_found" });
  await expect(
    writeNote(alice, project.id, { owner, text: "x".repeat(8001), before: "from a script" }),
  ).rejects.toThrow("8,001");
  await writeNote(alice, project.id, { owner, text: "", before: "from a script" });
  expect((await getRun(alice, project.id, { runId: run.id })).tags.map((tag) => tag.key)).not.toContain(
    "mlflow.note.content",
  );
  await deleteRuns(alice, project.id, { runIds: [run.id] });
  await expect(writeNote(alice, project.id, { owner, text: "late", before: "" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("who is behind the present text overwrites nothing, even at the same moment", async () => {
  const { alice, project } = people;
  const { number } = await createExperiment(alice, project.id, { name: "noted" });
  const owner = { kind: "experiment" as const, number };
  const write = (text: string, before: string) => writeNote(alice, project.id, { owner, text, before });
  await write("first", "");
  await expect(write("second", "")).rejects.toMatchObject({ code: "stale" });
  const both = await Promise.allSettled([write("left", "first"), write("right", "first")]);
  expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  const { text } = await getNote(alice, project.id, { owner });
  expect(["left", "right"]).toContain(text);
  const audited = await prisma().auditEvent.findMany({
    where: { action: "experiment.note-written" },
    orderBy: { id: "asc" },
  });
  expect(audited.map((event) => event.details)).toMatchObject([{ after: "first" }, { before: "first", after: text }]);
});

test("a mention reaches members who may read, once, and never the writer or a stranger", async () => {
  const { alice, bob, carol, eve, project } = people;
  const run = await createRun(alice, project.id, { name: "noted-run" });
  const owner = { kind: "run" as const, id: run.id };
  const before = `@${bob.handle.toUpperCase()}, look; @${alice.handle} @${carol.handle} @${eve.handle} @nobody`;
  expect(await writeNote(alice, project.id, { owner, text: before, before: "" })).toMatchObject({ told: [bob.handle] });
  expect((await listInbox(bob, {})).items).toMatchObject([
    {
      kind: "mention",
      title: "Alice mentioned you on the run noted-run",
      href: `/p/${project.slug}/experiments/runs/${run.id}`,
    },
  ]);
  for (const other of [alice, carol, eve]) expect((await listInbox(other, {})).items).toEqual([]);
  expect(await writeNote(alice, project.id, { owner, text: `${before} again`, before })).toMatchObject({ told: [] });
});

test("what is a mention and what is not", () => {
  expect(mentionsIn("@bob, (@Carol) a@b.c /@x @dave.smith. `@code` @a-b\n```\n@decorator\n```\n@bob")).toEqual([
    "bob",
    "carol",
    "dave.smith",
    "a-b",
  ]);
});
