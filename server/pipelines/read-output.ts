import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { openRead } from "#server/platform/objects.ts";
import { FolderManifest, RunNumber, StoredOutputs } from "./contract.ts";

export interface OutputFile {
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export async function manifestOf(sha256: string): Promise<FolderManifest> {
  const parts: Buffer[] = [];
  for await (const part of await openRead(sha256)) parts.push(part as Buffer);
  return FolderManifest.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
}

const Which = { number: RunNumber, step: z.uuid(), output: z.string() };

/** The files of one stored output: itself, or what its folder holds. */
export const listOutputFiles = defineUseCase({
  name: "pipelines.list-output-files",
  scope: "pipelines:read",
  effect: "read",
  input: z.object(Which),
  async run({
    input,
    project,
    db,
  }): Promise<{ kind: "file" | "folder"; files: { path: string; sha256: string; sizeBytes: number }[] }> {
    const row = await db.step.findFirst({
      where: { id: input.step, projectId: project.id, run: { number: input.number } },
    });
    const stored = row ? StoredOutputs.parse(row.outputs)[input.output] : undefined;
    if (!stored)
      throw new AppError("not_found", `There is no stored output '${input.output}' of this step.`, {
        field: "output",
        value: input.output,
      });
    if (stored.kind === "file")
      return {
        kind: "file",
        files: [
          { path: stored.path.split("/").at(-1) ?? stored.path, sha256: stored.sha256, sizeBytes: stored.sizeBytes },
        ],
      };
    const { files } = await manifestOf(stored.sha256);
    return { kind: "folder", files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })) };
  },
});

/** Which stored content a download of one output file is; `file` names it inside a folder. */
export const locateOutputFile = defineUseCase({
  name: "pipelines.locate-output-file",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({ ...Which, file: z.string().optional() }),
  async run({ input, actor, project }): Promise<OutputFile> {
    const { kind, files } = await listOutputFiles(actor, project.id, {
      number: input.number,
      step: input.step,
      output: input.output,
    });
    const found = kind === "file" ? files[0] : files.find((file) => file.path === input.file);
    if (!found)
      throw new AppError("not_found", `The output '${input.output}' holds no file '${input.file ?? ""}'.`, {
        field: "file",
        value: input.file,
      });
    return { fileName: found.path.split("/").at(-1) ?? "output", sha256: found.sha256, sizeBytes: found.sizeBytes };
  },
});
