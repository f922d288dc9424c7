import { beforeAll, expect, test } from "vitest";
import { getProject } from "#server/projects/index.ts";
import { testDatabase } from "./database.ts";
import { somePeople } from "./people.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});

test("each person holds the role that the names promise", async () => {
  const { alice, bob, carol, dave, eve, project, other } = people;
  const roles = await Promise.all(
    [alice, bob, carol, dave].map(async (who) => (await getProject(who, project.slug, {})).role),
  );
  expect(roles).toEqual(["scientist", "reviewer", "viewer", "maintainer"]);
  expect((await getProject(eve, other.slug, {})).role).toBe("scientist");
});

test("for each of the two projects there is somebody who must not see it", async () => {
  const { alice, eve, project, other } = people;
  await expect(getProject(eve, project.slug, {})).rejects.toMatchObject({ code: "not_found" });
  await expect(getProject(alice, other.id, {})).rejects.toMatchObject({ code: "not_found" });
});
