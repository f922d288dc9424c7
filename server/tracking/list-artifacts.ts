import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { inside, rootOfOwner } from "./artifact-owner.ts";
import { artifactPath } from "./artifact-path.ts";
import { type ArtifactEntryDto, ArtifactOwner } from "./contract.ts";

/** What stands in one folder of an owner's artifacts, folders first; empty for a file and for what is not there, as MLflow clients expect. */
export const listArtifacts = defineUseCase({
  name: "tracking.list-artifacts",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ owner: ArtifactOwner, path: z.string().default("") }),
  async run({ input, project, db }): Promise<ArtifactEntryDto[]> {
    const root = await rootOfOwner(db, project.id, input.owner);
    const path = artifactPath(input.path);
    const from = path === "" ? 1 : path.length + 2;
    const rows = await db.$queryRaw<{ name: string; folder: boolean; sizeBytes: number; sha256: string | null }[]>`
      with inside as (
        select substr(path, ${from}::int) as rest, sha256, size_bytes from artifacts
        where project_id = ${project.id}::uuid and root = ${root} and path like ${inside(path)}
      )
      select split_part(rest, '/', 1) as name, position('/' in rest) > 0 as folder, sum(size_bytes)::float8 as "sizeBytes",
        case when position('/' in rest) > 0 then null else min(sha256) end as sha256
      from inside group by 1, 2, position('/' in rest) > 0 order by 2 desc, 1`;
    return rows.map((row) => ({ ...row, path: path === "" ? row.name : `${path}/${row.name}` }));
  },
});

export interface StoredArtifact {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Every file of a run or logged model, by path: for domains that build on what was logged and hold their own authorisation. Errors: not_found.
 */
export async function filesOf(db: Db, projectId: string, owner: ArtifactOwner): Promise<StoredArtifact[]> {
  const root = await rootOfOwner(db, projectId, owner);
  const rows = await db.artifact.findMany({ where: { projectId, root }, orderBy: { path: "asc" } });
  return rows.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes: Number(sizeBytes) }));
}
