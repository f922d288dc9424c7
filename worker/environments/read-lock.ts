import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { recordEnvironmentLock } from "#server/pipelines/index.ts";

const recorded = new Set<string>();

/** name → version of the packages that are installed in an environment, by the folders that installers leave. */
async function installedPackages(dir: string): Promise<Record<string, string>> {
  const lib = path.join(dir, "lib");
  const found: Record<string, string> = {};
  for (const python of (await readdir(lib).catch(() => [])).filter((name) => name.startsWith("python")))
    for (const entry of await readdir(path.join(lib, python, "site-packages")).catch(() => [])) {
      const match = /^(.+?)-([^-]+)\.dist-info$/.exec(entry);
      if (match) found[(match[1] ?? "").replaceAll("_", "-").toLowerCase()] = match[2] ?? "";
    }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keeps the exact packages of a ready environment beside its hash, once per process. */
export async function recordLock(hash: string, dir: string): Promise<void> {
  if (recorded.has(hash)) return;
  const packages = await installedPackages(dir);
  // Old installers leave no lock; the list of what is installed says the same without the hashes of the files.
  const lock = await readFile(path.join(dir, "lock.txt"), "utf8").catch(
    () =>
      `${Object.entries(packages)
        .map(([name, version]) => `${name}==${version}`)
        .join("\n")}\n`,
  );
  await recordEnvironmentLock(hash, { lock, lockSha256: createHash("sha256").update(lock).digest("hex"), packages });
  recorded.add(hash);
}
