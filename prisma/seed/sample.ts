import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { createRepository } from "#server/code/index.ts";
import { type Expectation, ExpectationsFile } from "#server/data/contract.ts";
import { addVersion, createDataset, getDataset, listDatasets } from "#server/data/index.ts";
import { listPolicies, writePolicy } from "#server/governance/index.ts";
import { type Actor, setMember } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { createProject } from "#server/projects/index.ts";
import { type ProjectFile, readProjectFile } from "./project-file.ts";

/**
 * Brings one sample into the platform through the same use cases that people use: project, members, repository, datasets, policy. Each part is made only
 * if it is missing, so an interrupted seed is completed by the next start and nothing a person changed is touched.
 */
export async function seedSample(seeder: Actor, dir: string): Promise<void> {
  const sample = readProjectFile(dir);
  const known = await prisma().project.findUnique({
    where: { slug: sample.slug },
    select: { id: true, archivedAt: true },
  });
  if (known?.archivedAt) return;
  const id =
    known?.id ??
    (await createProject(seeder, { slug: sample.slug, name: sample.name, description: sample.description.trim() })).id;
  if (!known)
    for (const [handle, role] of Object.entries(sample.members)) await addMember(seeder, sample.slug, handle, role);
  await createRepository(id, sample.name, { name: "Touchstone", email: "samples@touchstone.example" }, dir);
  const present = new Set((await listDatasets(seeder, id, {})).map((dataset) => dataset.name));
  for (const dataset of sample.datasets) await seedDataset(seeder, id, dir, dataset, present.has(dataset.name));
  if ((await listPolicies(seeder, id, { model: sample.model })).length === 0)
    await writePolicy(seeder, id, { text: readFileSync(path.join(dir, sample.policy), "utf8") });
}

/** A member who is not known (another identity provider signs people in) is added when they are invited by hand. */
async function addMember(
  seeder: Actor,
  slug: string,
  handle: string,
  role: ProjectFile["members"][string],
): Promise<void> {
  try {
    await setMember(seeder, slug, { handle, role });
  } catch (error) {
    if (!isAppError(error, "not_found")) throw error;
  }
}

async function seedDataset(
  seeder: Actor,
  projectId: string,
  dir: string,
  dataset: ProjectFile["datasets"][number],
  present: boolean,
): Promise<void> {
  if (!present)
    await createDataset(seeder, projectId, {
      name: dataset.name,
      description: `${dataset.title}. ${dataset.description.trim()}`,
      source: `${dataset.source.name}, ${dataset.source.url}`,
      licence: [dataset.licence, dataset.licence_note].filter(Boolean).join(". "),
      expectations: dataset.expectations ? readExpectations(path.join(dir, dataset.expectations)) : [],
      ...(dataset.time_column ? { timeColumn: dataset.time_column } : {}),
      ...(dataset.label ? { labelColumn: dataset.label } : {}),
    });
  if ((await getDataset(seeder, projectId, { dataset: dataset.name })).latest) return;
  const filePath = path.join(dir, dataset.file);
  await addVersion(seeder, projectId, {
    dataset: dataset.name,
    filePath,
    fileName: path.basename(dataset.file),
    origin: { kind: "seed", file: dataset.file },
  });
}

function readExpectations(file: string): Expectation[] {
  return ExpectationsFile.parse(parse(readFileSync(file, "utf8"))).rules;
}
