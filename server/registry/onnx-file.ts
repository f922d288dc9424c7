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
  const files = await db.artifact.findMany({
    where: { projectId, root: { endsWith: owner }, path: { endsWith: ".onnx" } },
    select: { path: true, sha256: true },
  });
  const inside = from.folder ? files.filter((file) => file.path.includes(`${from.folder}/`)) : files;
  const candidates = inside.length > 0 ? inside : files;
  const named = candidates.filter((file) => file.path === "model.onnx" || file.path.endsWith("/model.onnx"));
  const [chosen] = named.length === 1 ? named : candidates.length === 1 ? candidates : [];
  return chosen?.sha256 ?? null;
}
