import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { filesOf } from "#server/tracking/index.ts";
import type { RegistrableDto } from "./contract.ts";

type StoredArtifact = Awaited<ReturnType<typeof filesOf>>[number];

/** The folder of a path; "" for a file at the top. */
const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

/** What of some files can become a version: every ONNX file, and every folder that MLflow marks as a model and that holds none. */
function modelsAmong(files: readonly StoredArtifact[]): { path: string; onnx: StoredArtifact | null }[] {
  const onnx = files.filter((file) => file.path.endsWith(".onnx"));
  const folders = files.filter((file) => file.path.split("/").at(-1) === "MLmodel").map((file) => folderOf(file.path));
  const without = folders.filter((folder) => !onnx.some((file) => folder === "" || file.path.startsWith(`${folder}/`)));
  return [...onnx.map((file) => ({ path: file.path, onnx: file })), ...without.map((path) => ({ path, onnx: null }))];
}

/** What a run left behind that a version can be registered from, those that can be served first. Errors: not_found. */
export const listRegistrable = defineUseCase({
  name: "registry.list-registrable",
  scope: "registry:write",
  effect: "read",
  input: z.object({ run: z.string() }),
  async run({ input, project, db }): Promise<RegistrableDto[]> {
    const run = await db.run.findFirst({ where: { id: input.run, projectId: project.id }, select: { id: true } });
    if (!run) throw new AppError("not_found", `Run with id=${input.run} not found`, { field: "run", value: input.run });
    const logged = await db.loggedModel.findMany({
      where: { projectId: project.id, sourceRunId: run.id, deletedAt: null },
      select: { id: true, name: true },
      orderBy: { createdAt: "asc" },
    });
    const found = await Promise.all([
      ...logged.map(async ({ id, name }) => {
        const models = modelsAmong(await filesOf(db, project.id, { kind: "model", id }));
        // A logged model is one model, whatever it holds.
        const all = models.length > 0 ? models : [{ path: "", onnx: null }];
        return all.map(
          ({ path, onnx }): RegistrableDto => ({
            name: all.length > 1 ? `${name}/${path}` : name,
            source: `models:/${id}`,
            loggedModelId: id,
            onnx: onnx && { path: onnx.path, sha256: onnx.sha256, sizeBytes: onnx.sizeBytes },
          }),
        );
      }),
      (async () =>
        modelsAmong(await filesOf(db, project.id, { kind: "run", id: run.id })).map(
          ({ path, onnx }): RegistrableDto => ({
            name: path,
            source: `runs:/${run.id}/${onnx ? folderOf(path) || path : path}`,
            loggedModelId: null,
            onnx: onnx && { path: onnx.path, sha256: onnx.sha256, sizeBytes: onnx.sizeBytes },
          }),
        ))(),
    ]);
    return found.flat().sort((a, b) => Number(b.onnx !== null) - Number(a.onnx !== null));
  },
});
