import { localPath } from "#server/platform/objects.ts";
import { readOnnxSignature } from "./onnx-signature.ts";
import type { ModelSignature } from "./signature.ts";

/** The signature that an ONNX file states, by the file's hash. Errors: those of reading it, in words, for a file that is no ONNX model. */
export async function signatureOfContent(sha256: string): Promise<ModelSignature> {
  return await readOnnxSignature(await localPath(sha256));
}
