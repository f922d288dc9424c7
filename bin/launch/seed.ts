// Runs as a process of its own, so that what the samples need (Prisma, DuckDB) is not kept in the launcher's memory.
import { existsSync } from "node:fs";
import path from "node:path";

/** Whether this copy has sample projects to bring in: a production image may leave them out. */
export function hasSamples(): boolean {
  return existsSync(path.join(import.meta.dirname, "../../prisma/seed/index.ts"));
}

if (import.meta.main) {
  const { SAMPLES, seedSamples } = await import("#prisma/seed/index.ts");
  await seedSamples();
  console.log(SAMPLES.join(", "));
  process.exit(0); // pools and queues that the samples opened have nothing left to do
}
