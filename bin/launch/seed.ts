// Runs as a process of its own, so that what the samples need (Prisma, DuckDB) is not kept in the launcher's memory.
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { env } from "#server/platform/env.ts";
import { DEMO_PEOPLE, type DemoPerson } from "../idp/people.ts";

export type SeedOptions = {
  /** The issuer whose identities the people have. */
  readonly issuer: string;
  readonly people: readonly DemoPerson[];
  /** Says in a few words what is being done. */
  readonly note: (text: string) => void;
};

const MODULE = path.join(import.meta.dirname, "../../prisma/seed/index.ts");

/** Whether there are samples to bring in. */
export function hasSamples(): boolean {
  return existsSync(MODULE);
}

if (import.meta.main) {
  const { seedSamples } = (await import(pathToFileURL(MODULE).href)) as {
    seedSamples: (options: SeedOptions) => Promise<void>;
  };
  await seedSamples({
    issuer: env().OIDC_ISSUER ?? "",
    people: DEMO_PEOPLE,
    note: (text) => console.log(`note: ${text}`),
  });
  process.exit(0); // pools and queues that the samples opened have nothing left to do
}
