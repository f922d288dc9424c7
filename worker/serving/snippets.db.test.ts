import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addVersion, createDataset } from "#server/data/index.ts";
import { createToken, systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { FormId, PREDICTION_PLACEHOLDER, type Snippet, TOKEN_PLACEHOLDER } from "#server/serving/contract.ts";
import { ensureEndpoint, getEndpoint } from "#server/serving/index.ts";
import { type Stack, startStack } from "./testing/stack.ts";

testDatabase();

const run = promisify(execFile);
const platform = systemActor("test");
const ROOT = path.join(import.meta.dirname, "../..");
let folder: string;
let stack: Stack;
let token: string;
let endpoint: Awaited<ReturnType<typeof getEndpoint>>;

// A city that would break every careless way of quoting.
const CITY = `L'Aquila "$HOME" \\n é`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "snippets-"));
  const people = await somePeople();
  const project = people.project.slug;
  const filePath = path.join(folder, "cities.csv");
  const row = (city: string) => `"${city.replaceAll('"', '""')}"`;
  await writeFile(filePath, `size,count,flag,city\n,1,true,${row("Bergen")}\n0.5,3,true,${row(CITY)}\n`);
  await createDataset(people.alice, project, { name: "cities" });
  const origin = { kind: "upload" as const, fileName: "cities.csv" };
  const data = await addVersion(people.alice, project, { dataset: "cities", filePath, fileName: "cities.csv", origin });
  const version = await registerOnnx(platform, people.project.id, "columns", undefined, { datasetVersionId: data.id });
  await ensureEndpoint(platform, people.project.id, { modelId: version.modelId });
  await crown(version, people.alice, people.bob);
  stack = await startStack(uuidv7());
  const scopes = ["serving:predict" as const, "serving:outcomes" as const];
  token = (await createToken(people.alice, project, { name: "t", scopes, days: 1 })).secret;
  endpoint = await getEndpoint(people.carol, project, { name: "columns" });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const filled = (snippet: Snippet | undefined, prediction = "") =>
  (snippet?.code ?? "").replaceAll(TOKEN_PLACEHOLDER, token).replaceAll(PREDICTION_PLACEHOLDER, prediction);

/** Runs a snippet as somebody would who pasted it into a file. */
async function paste(language: Snippet["language"], code: string): Promise<string> {
  const extension = { curl: "sh", Python: "py", TypeScript: "mts" }[language];
  const file = path.join(folder, `call.${extension}`);
  await writeFile(file, code);
  const program = { curl: "sh", Python: "python3", TypeScript: process.execPath }[language];
  return (await run(program, [file])).stdout;
}

test("the example is the first complete row of what the version was trained on", () => {
  expect(endpoint.example.map(({ name, data }) => [name, data])).toEqual([
    ["size", [0.5]],
    ["count", [3]],
    ["flag", [true]],
    ["city", [CITY]],
  ]);
});

const FORMS = FormId.options;
describe.each(["curl", "Python", "TypeScript"] as const)("%s", (language) => {
  const inForm = (id: FormId) => pick(endpoint.snippets.forms.find((form) => form.id === id)?.snippets);
  const pick = (snippets: readonly Snippet[] = []) => snippets.find((snippet) => snippet.language === language);

  test.each(FORMS)("predicts in the form %s when pasted, and the outcome of it is known by its id", async (form) => {
    const answer = await paste(language, filled(inForm(form)));
    expect(answer).toMatch(/\b(no|yes)\b/);
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(answer)?.[0] ?? "";
    expect(id).not.toBe("");
    if (form !== "plain") return;
    const receipt = await paste(language, filled(pick(endpoint.snippets.outcome), id));
    expect(receipt.replaceAll("'", '"')).toMatch(/"?accepted"?: ?1/);
  });

  test("says what is wrong with a wrong token", async () => {
    const said = await paste(language, inForm("plain")?.code ?? "").catch(
      (error: unknown) => (error as { stderr: string }).stderr,
    );
    expect(said).toContain("Send a valid API token");
  });
});

test("TypeScript passes the strictest check", async () => {
  const { forms, outcome } = endpoint.snippets;
  const files = await Promise.all(
    [outcome, ...forms.map((form) => form.snippets)].map(async (snippets, i) => {
      const file = path.join(folder, `strict-${i}.mts`);
      await writeFile(file, snippets.find((snippet) => snippet.language === "TypeScript")?.code ?? "");
      return file;
    }),
  );
  const strict = [
    "--noEmit",
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--lib",
    "es2022,dom",
    "--types",
    "",
  ];
  await run(process.execPath, [path.join(ROOT, "node_modules/ts7/bin/tsc"), ...strict, ...files], { cwd: folder });
});
