import type { Db } from "#server/platform/db.ts";

/**
 * The ONNX file among what a logged model or a run owns: `model.onnx` wherever it lies, else the only `.onnx` there is. Null when there is none or the
 * choice would be a guess.
 */
export async function findOnnxFile(
  db: Db,
  projectId: string,
  from: { loggedModelId?: string | undefined; runId?: string | undefined; folder?: string | undefined },
): Promise<string | null> {
  const owner = from.loggedModelId ? `/models/${from.loggedModelId}` : from.runId ? `/${from.runId}` : null;
  if (!owner) return null;
  const found = await db.artifact.findMany({
    where: {
      projectId,
      root: { endsWith: owner },
      OR: [{ path: { endsWith: ".onnx" } }, { path: { endsWith: "MLmodel" } }],
    },
    select: { path: true, sha256: true },
  });
  const models = found
    .filter(({ path }) => path.endsWith("MLmodel"))
    .map(({ path }) => path.slice(0, -"MLmodel".length));
  // What a Python model carries among its artifacts is a part of it, not the model.
  const files = found.filter(
    ({ path }) => path.endsWith(".onnx") && !models.some((dir) => path.startsWith(`${dir}artifacts/`)),
  );
  const inside = from.folder ? files.filter((file) => file.path.includes(`${from.folder}/`)) : files;
  const candidates = inside.length > 0 ? inside : files;
  const named = candidates.filter((file) => file.path === "model.onnx" || file.path.endsWith("/model.onnx"));
  const [chosen] = named.length === 1 ? named : candidates.length === 1 ? candidates : [];
  return chosen?.sha256 ?? null;
}
