import path from "node:path";
import { systemActor } from "#server/identity/index.ts";
import { env } from "#server/platform/env.ts";
import { seedPeople } from "./people.ts";
import { seedSample } from "./sample.ts";

/** The sample projects that a new installation starts with, as folders of examples/. */
export const SAMPLES = ["flight-delays", "penguins"] as const;

/** Folder of a sample. */
export function sampleDir(name: string): string {
  return path.join(import.meta.dirname, "../../examples", name);
}

/**
 * Makes sure that the sample projects exist, and the demo people if the embedded identity provider signs them in. Safe to repeat; changes nothing that is
 * there. Needs the database migrated and DATABASE_URL set.
 */
export async function seedSamples(): Promise<void> {
  if (env().OIDC_EMBEDDED === "1") await seedPeople();
  const seeder = systemActor("Touchstone setup");
  for (const name of SAMPLES) await seedSample(seeder, sampleDir(name));
}
