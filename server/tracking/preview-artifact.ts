import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { localPath } from "#server/platform/objects.ts";
import { type PreviewFormat, previewTable } from "#server/platform/table-preview.ts";
import type { TablePreviewDto } from "./artifact-contract.ts";
import { ArtifactOwner } from "./contract.ts";
import { storedArtifact } from "./open-artifact.ts";

const FORMATS: Readonly<Record<string, PreviewFormat>> = { csv: "csv", tsv: "tsv", parquet: "parquet", json: "split" };

/** The first rows of a table among an owner's files. Errors: not_found; unsupported_media for a file of another kind; invalid_input for one that is broken. */
export const previewArtifact = defineUseCase({
  name: "tracking.preview-artifact",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ owner: ArtifactOwner, path: z.string() }),
  async run({ input, project, db }): Promise<TablePreviewDto> {
    const { path, sha256, sizeBytes } = await storedArtifact(db, project.id, input);
    const format = FORMATS[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
    if (format === undefined)
      throw new AppError("unsupported_media", `'${path}' is no table.`, {
        field: "path",
        value: path,
        remedy: "Tables are CSV, TSV, Parquet, and JSON with columns and data.",
      });
    return await previewTable(await localPath(sha256), format, sizeBytes);
  },
});
