import { json } from "node:stream/consumers";
import type { Db } from "#server/platform/db.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { openRead } from "#server/platform/objects.ts";
import { FolderManifest } from "./contract.ts";

/** Which of these contents the outputs of pipeline steps of any project refer to, as files, as folders or as files in folders. */
export async function keptByOutputs(db: Db, hashes: readonly string[]): Promise<string[]> {
  const wanted = new Set(hashes);
  const outputs = await db.$queryRaw<{ sha256: string; folder: boolean }[]>`
    select distinct o.value ->> 'sha256' as sha256, o.value ->> 'kind' = 'folder' as folder
    from steps, jsonb_each(outputs) as o where o.value ->> 'kind' = 'folder' or o.value ->> 'sha256' = any(${[...hashes]}::text[])`;
  const kept = new Set<string>();
  for (const { sha256, folder } of outputs) {
    if (wanted.has(sha256)) kept.add(sha256);
    if (!folder || kept.size === wanted.size) continue;
    try {
      const { files } = FolderManifest.parse(await json(await openRead(sha256)));
      for (const file of files) if (wanted.has(file.sha256)) kept.add(file.sha256);
    } catch (error) {
      // A folder whose list is lost keeps nothing that could still be found through it.
      if (!isAppError(error, "not_found")) throw error;
    }
  }
  return [...kept];
}
