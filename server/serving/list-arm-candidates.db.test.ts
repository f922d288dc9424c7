import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { systemActor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { endArm, ensureEndpoint, listArmCandidates, startArm } from "./index.ts";

testDatabase();

const platform = systemActor("test");
const name = "shop";
let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

const version = (file?: string) => registerOnnx(platform, people.project.id, name, file);
const own = () => people.project.slug;
const start = (change: object) =>
  startArm(people.alice, own(), { name, kind: "canary", version: 2, share: 0.1, ...change } as never);

test("candidates are offered with the reason why each could not start, and the start judges the same", async () => {
  const [first, second] = [await version(), await version()];
  await version();
  await ensureEndpoint(platform, people.project.id, { modelId: first.modelId });
  await crown(second, people.alice, people.bob);
  await version(path.join(import.meta.dirname, "../registry/fixtures/regression.onnx"));
  const fifth = await version();
  await prisma().modelVersion.update({ where: { id: fifth.versionId }, data: { sha256: null } });
  const rolling = await version();
  const { requestId } = await crown(rolling, people.alice, people.bob);
  await crown(first, people.alice, people.bob);
  await prisma().promotionRequest.update({ where: { id: requestId }, data: { status: "rolling_out" } });
  const agree = async () => {
    const offered = await listArmCandidates(people.carol, own(), { name });
    for (const { version: number, why } of offered)
      for (const kind of ["canary", "ab", "shadow"] as const) {
        const share = kind === "shadow" ? undefined : 0.1;
        const arm = await start({ kind, version: number, share }).catch(() => null);
        expect(arm === null, `${kind} of version ${number}: ${why[kind] ?? "may start"}`).toBe(why[kind] !== null);
        if (arm) await endArm(people.alice, own(), { name, id: arm.id });
      }
    return offered.map((one) => [one.version, one.why.canary, one.why.shadow]);
  };
  expect(await agree()).toEqual([
    [6, expect.stringMatching(/^Request \d+ rolls it out by the steps/), null],
    [5, "It has no model file that can be served.", "It has no model file that can be served."],
    [4, expect.any(String), expect.any(String)],
    [3, expect.stringContaining("It may not answer: no approved promotion request names it"), null],
    [2, null, null],
    [1, expect.stringContaining("It is the champion"), expect.stringContaining("It is the champion")],
  ]);
  await start({});
  await start({ kind: "shadow", version: 3, share: undefined });
  const busy = await agree();
  expect(busy.find(([number]) => number === 2)?.[1]).toBe("It takes part already, as canary.");
  await expect(listArmCandidates(people.eve, own(), { name })).rejects.toMatchObject({ code: "not_found" });
});
