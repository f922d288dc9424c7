import { globSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { PLATFORM_SCOPES, ROLE_SCOPES, type Scope, SCOPES } from "#server/identity/contract.ts";
import { type Actor, allUseCases } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";

// Every use case of every door, whoever wrote it: what it asks for, and that nobody gets through who does not hold it.

testDatabase();

interface AnyUseCase {
  (actor: Actor, project: string, input: unknown): Promise<unknown>;
  readonly info: ReturnType<typeof allUseCases>[number];
}
const SERVER = path.join(import.meta.dirname, "..");

/** Writes that every member may do for themselves, or have computed from what they may read, although their role may otherwise only read. */
const OWN_MATTERS = [
  "identity.create-token",
  "identity.revoke-token",
  "tracking.mark-runs",
  "tracking.save-run-view",
  "tracking.update-run-view",
  "tracking.delete-run-view",
  "tracking.request-importance",
];

let people: Awaited<ReturnType<typeof somePeople>>;
const exported = new Map<string, AnyUseCase>();

beforeAll(async () => {
  for (const door of globSync("*/index.ts", { cwd: SERVER })) {
    const room = (await import(path.join(SERVER, door))) as Record<string, unknown>;
    for (const value of Object.values(room))
      if (typeof value === "function" && "info" in value) {
        const useCase = value as unknown as AnyUseCase;
        exported.set(useCase.info.name, useCase);
      }
  }
  people = await somePeople();
});

const projectCases = () => [...exported.values()].filter((useCase) => useCase.info.on === "project");

/** What a call is refused with; "done" when it is not refused. Wrong input is refused before anybody is asked who they are. */
async function refusal(useCase: AnyUseCase, actor: Actor, project: string): Promise<string> {
  try {
    await useCase(actor, project, {});
    return "done";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test("each has a name of its own in the form domain.verb-noun, and a scope that exists", () => {
  const all = allUseCases();
  expect(all.length).toBeGreaterThan(20);
  for (const { name, on, scope } of all) {
    expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z0-9]+)*$/);
    expect(Object.keys(on === "project" ? SCOPES : PLATFORM_SCOPES)).toContain(scope);
  }
});

test("whatever changes a project asks for more than the right to read", () => {
  const lenient = projectCases().filter(({ info }) => info.effect === "write" && info.scope.endsWith(":read"));
  expect(lenient.map(({ info }) => info.name).filter((name) => !OWN_MATTERS.includes(name))).toEqual([]);
});

test("a stranger finds no project, whatever they try", async () => {
  for (const useCase of projectCases())
    expect
      .soft(["not_found", "invalid_input"], useCase.info.name)
      .toContain(await refusal(useCase, people.eve, people.project.slug));
});

test("a role without the scope is refused, whatever it tries", async () => {
  const { alice, bob, carol, dave, project } = people;
  const actors = { scientist: alice, reviewer: bob, viewer: carol, maintainer: dave } as const;
  let refused = 0;
  for (const useCase of projectCases())
    for (const [role, actor] of Object.entries(actors)) {
      if (ROLE_SCOPES[role as keyof typeof actors].includes(useCase.info.scope as Scope)) continue;
      const code = await refusal(useCase, actor, project.slug);
      expect.soft(["forbidden", "invalid_input"], `${role}: ${useCase.info.name}`).toContain(code);
      if (code === "forbidden") refused++;
    }
  expect(refused).toBeGreaterThan(10);
});

test("a token does what its scopes say, not what its owner may", async () => {
  const { alice, project } = people;
  const token = { id: uuidv7(), scopes: ["project:read"], projectId: project.id } as const;
  const actor: Actor = { ...alice, kind: "token", token };
  for (const useCase of projectCases()) {
    if (useCase.info.scope === "project:read") continue;
    expect
      .soft(["forbidden", "invalid_input"], useCase.info.name)
      .toContain(await refusal(useCase, actor, project.slug));
  }
});
