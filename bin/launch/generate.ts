import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "../..");
const OUTPUT = path.join(ROOT, "server/platform/prisma");
const MARK = path.join(OUTPUT, ".source-hash");

function schemaHash(): string {
  const hash = createHash("sha256");
  const dir = path.join(ROOT, "prisma/schema");
  for (const name of readdirSync(dir).sort()) hash.update(name).update(readFileSync(path.join(dir, name)));
  hash.update(readFileSync(path.join(ROOT, "node_modules/prisma/package.json")));
  return hash.digest("hex");
}

/** Whether server/platform/prisma is missing or was made from another schema. */
export function isClientStale(): boolean {
  if (!existsSync(path.join(OUTPUT, "client.ts")) || !existsSync(MARK)) return true;
  return readFileSync(MARK, "utf8") !== schemaHash();
}

/** Writes the Prisma client into server/platform/prisma when the schema has changed (1 to 2 s). Returns whether it did. */
export function generateClient(): boolean {
  if (!isClientStale()) return false;
  const hash = schemaHash();
  const result = spawnSync(process.execPath, ["node_modules/prisma/build/index.js", "generate"], {
    cwd: ROOT,
    encoding: "utf8",
    // Any executable will do: with the variable set Prisma does not try to download an engine that generating does not need.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" },
  });
  if (result.status !== 0)
    throw new Error(`The Prisma client could not be generated:\n${result.stdout}${result.stderr}`.trim());
  writeFileSync(MARK, hash);
  return true;
}
