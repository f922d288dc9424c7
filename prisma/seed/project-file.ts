import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ProjectRole } from "#server/identity/contract.ts";

const relative = z
  .string()
  .refine((file) => !path.isAbsolute(file) && !file.split("/").includes(".."), "stays inside the sample's folder");

const Dataset = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  file: relative,
  source: z.strictObject({ name: z.string(), url: z.url() }),
  licence: z.string(),
  licence_note: z.string().optional(),
  time_column: z.string().optional(),
  label: z.string().optional(),
  positive: z.string().optional(),
  features: z.array(z.string()),
  expectations: relative.optional(),
});

const Traffic = z.strictObject({
  dataset: z.string(),
  file: relative,
  time_column: z.string(),
  outcome: z.string(),
  outcome_delay: z.string().regex(/^\d+(s|m|h|d)$/),
});

/** What a sample's project.yaml says. Unknown keys are errors, so that a typing mistake is not silently nothing. */
export const ProjectFile = z.strictObject({
  version: z.literal(1),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  task: z.string(),
  pipeline: relative,
  policy: relative,
  monitor: relative,
  model: z.string(),
  members: z.record(z.string(), ProjectRole),
  datasets: z.array(Dataset).min(1),
  traffic: Traffic.optional(),
});
export type ProjectFile = z.infer<typeof ProjectFile>;

/** Reads the project.yaml of a sample's folder. Throws an error naming the file and the wrong key. */
export function readProjectFile(dir: string): ProjectFile {
  const file = path.join(dir, "project.yaml");
  const result = ProjectFile.safeParse(parse(readFileSync(file, "utf8")));
  if (result.success) return result.data;
  throw new Error(`${file}: ${z.prettifyError(result.error)}`);
}
