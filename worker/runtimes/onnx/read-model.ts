import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError } from "#server/kernel/errors.ts";

/**
 * Reads a model's file once into memory and holds it to its SHA-256 there: what was hashed is what is loaded, whatever happens to the file afterwards.
 * Throws AppError `invalid_input` for another file than the one that was registered.
 */
export async function readModel(path: string, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readFile(path);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === sha256) return bytes;
  throw new AppError("invalid_input", "The model's file is not the one that was registered.", {
    field: "model",
    value: found,
    remedy: "Restore the object store from a backup, or register the model again.",
  });
}
