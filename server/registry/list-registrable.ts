import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { filesOf } from "#server/tracking/index.ts";
import type { RegistrableDto } from "./contract.ts";
import { describePyfunc } from "./pyfunc-folder.ts";

type StoredArtifact = Awaited<ReturnType<typeof filesOf>>[number];

/** The folder of a path; "" for a file at the top. */
const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

type Found = Pick<RegistrableDto, "onnx" | "runtime" | "problem"> & { readonly path: string };

const NOTHING = { onnx: null, runtime: null, problem: null } as const;

/** What of some files can become a version: every ONNX file, and every folder that MLflow marks as a model and that holds none. */
async function modelsAmong(files: readonly StoredArtifact[]): Promise<Found[]> {
  const onnx = files.filter((file) => file.path.endsWith(".onnx"));
  const described = files.filter((file) => file.path.split("/").at(-1) === "MLmodel");
  const without = described.filter(({ path }) => {
    const folder = folderOf(path);
    return !onnx.some((file) => folder === "" || file.path.startsWith(`${folder}/`));
  });
  const folders = without.map(async ({ path, sha256 }): Promise<Found> => {
    const says = await describePyfunc(sha256);
    const runtime = says?.signature ? "pyfunc" : null;
    return { ...NOTHING, path: folderOf(path), runtime, problem: says?.problem ?? null };
  });
  return [
    ...onnx.map(
      ({ path, sha256, sizeBytes }): Found => ({
        ...NOTHING,
        path,
        onnx: { path, sha256, sizeBytes },
        runtime: "onnx",
      }),
    ),
    ...(await Promise.all(folders)),
  ];
}

/** What ONNX Runtime runs first, then what Python runs, then what nothing does. */
const order = ({ runtime }: RegistrableDto): number => (runtime === "onnx" ? 2 : runtime === "pyfunc" ? 1 : 0);

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
        const models = await modelsAmong(await filesOf(db, project.id, { kind: "model", id }));
        // A logged model is one model, whatever it holds.
        const all = models.length > 0 ? models : [{ ...NOTHING, path: "" }];
        return all.map(
          ({ path, ...what }): RegistrableDto => ({
            ...what,
            name: all.length > 1 ? `${name}/${path}` : name,
            source: `models:/${id}`,
            loggedModelId: id,
          }),
        );
      }),
      (async () =>
        (await modelsAmong(await filesOf(db, project.id, { kind: "run", id: run.id }))).map(
          ({ path, ...what }): RegistrableDto => ({
            ...what,
            name: path,
            source: `runs:/${run.id}/${what.onnx ? folderOf(path) || path : path}`,
            loggedModelId: null,
          }),
        ))(),
    ]);
    return found.flat().sort((a, b) => order(b) - order(a));
  },
});
