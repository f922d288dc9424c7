import { AppError } from "#server/kernel/errors.ts";
import { localPath } from "#server/platform/objects.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import type { ModelSignature, VersionDto } from "./contract.ts";
import { goldenOf } from "./golden-rows.ts";

/**
 * A version as a runtime loads it, with its golden rows: whoever loads it, for checks, monitoring or a whole dataset, finds out there whether this machine
 * answers as the training framework did.
 * Throws AppError `invalid_input` when nothing can be loaded, or its golden rows are not those that it was registered with.
 */
export async function sourceOf(
  version: Pick<VersionDto, "id" | "model" | "version" | "sha256" | "signature" | "runtime" | "golden">,
): Promise<ModelSource & { readonly signature: ModelSignature }> {
  const { id, sha256, signature, runtime, golden } = version;
  const name = `${version.model} version ${version.version}`;
  const place = { field: "version", value: version.version };
  if (!sha256 || !signature || !runtime)
    throw new AppError("invalid_input", `${name} has neither an ONNX file nor an MLflow model with a signature.`, {
      ...place,
      remedy: "Register a version with an ONNX file, or an MLflow model that was logged with a signature.",
    });
  const rows = golden && (await goldenOf(id, golden.sha256));
  if (golden && !rows)
    throw new AppError("invalid_input", `The golden rows of ${name} are not those that it was registered with.`, {
      ...place,
      remedy: "Restore the database from a backup, or register the version again.",
    });
  return { runtime, name, path: await localPath(sha256), sha256, signature, golden: rows };
}
