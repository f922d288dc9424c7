import { z } from "zod";

/** What runs a version: ONNX Runtime, or MLflow's python_function in a Python of its own. */
export const VersionRuntime = z.enum(["onnx", "pyfunc"]);
export type VersionRuntime = z.infer<typeof VersionRuntime>;

/** A path inside a model's folder: relative, without a way out of it. */
const ModelPath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").some((part) => part === "" || part.startsWith("..")));

/**
 * All files of a model that is a folder, by path. It is stored as one object: canonical JSON with the files sorted by path, so its SHA-256 covers every path
 * and every content, and stands for the folder as the SHA-256 of an ONNX file stands for that file.
 */
export const ModelManifest = z.object({
  kind: z.literal("touchstone.model-folder"),
  files: z.array(
    z.object({ path: ModelPath, sha256: z.string().regex(/^[0-9a-f]{64}$/), sizeBytes: z.number().int().min(0) }),
  ),
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/** Keys of an MLmodel's metadata by which a model declares what its process needs. */
export const NEEDS_KEYS = { memoryMb: "touchstone.memory_mb", cpu: "touchstone.cpu" } as const;

/** What the process of a pyfunc model gets unless the model declares it. */
export const PYFUNC_NEEDS = { memoryMb: 1024, cpu: 1 } as const;
