import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { parse as parseYaml } from "yaml";
import { AppError } from "#server/kernel/errors.ts";
import { localPath } from "#server/platform/objects.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { ModelManifest } from "#server/registry/contract.ts";
import { bestIsolation } from "../../isolation/isolation.ts";

const REMEDY = "Restore the object store from a backup, or register the model again.";

/**
 * Puts the files of a model that is a folder under `dir`. The manifest's bytes are hashed, and each file's: what is loaded is what was registered and
 * approved, or nothing is. Throws AppError `invalid_input`.
 */
export async function placeModel(
  source: Pick<ModelSource, "path" | "sha256">,
  name: string,
  dir: string,
): Promise<void> {
  const bytes = await readFile(source.path);
  if (createHash("sha256").update(bytes).digest("hex") !== source.sha256) throw changed(name, "its list of files");
  const manifest = ModelManifest.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!manifest.success) throw changed(name, "its list of files");
  for (const file of manifest.data.files) {
    const stored = await localPath(file.sha256);
    const hash = createHash("sha256");
    await pipeline(createReadStream(stored, { highWaterMark: 1 << 20 }), hash);
    if (hash.digest("hex") !== file.sha256) throw changed(name, file.path);
    const target = path.join(dir, ...file.path.split("/"));
    await mkdir(path.dirname(target), { recursive: true });
    // The stored file itself where the process cannot write it; a copy where it could, or where it lies on another disk.
    if (bestIsolation() === "process") await copyFile(stored, target);
    else await link(stored, target).catch(() => copyFile(stored, target));
  }
}

/** What MLflow wrote down of the Python that a model was logged with. Throws AppError `invalid_input` when it names no requirements. */
export async function wantedPython(name: string, dir: string): Promise<{ requirements: string; python: string }> {
  const read = (file: string) => readFile(path.join(dir, file), "utf8").catch(() => null);
  const requirements = await read("requirements.txt");
  if (requirements === null)
    throw new AppError("invalid_input", `${name} has no requirements.txt, so nobody can tell what it needs.`, {
      field: "model",
      remedy:
        "Log it with mlflow.pyfunc.log_model or a flavour of MLflow, which write the file, and register it again.",
    });
  const described: unknown = parseYaml((await read("python_env.yaml")) ?? "");
  const python =
    typeof described === "object" && described !== null && "python" in described ? String(described.python) : "";
  // Pickles and compiled packages fit the minor version that wrote them; the patch level does not matter.
  const minor = /^\d+\.\d+/.exec(python)?.[0];
  return { requirements, python: minor ? `==${minor}.*` : ">=3.9" };
}

function changed(name: string, what: string): AppError {
  return new AppError("invalid_input", `${name} is not what was registered: ${what} has changed.`, {
    field: "model",
    remedy: REMEDY,
  });
}
