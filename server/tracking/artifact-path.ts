import { AppError } from "#server/kernel/errors.ts";
import type { ArtifactOwner } from "./contract.ts";

/** The longest path in bytes; it is part of an index entry, which Postgres limits. */
const LONGEST = 1500;

/**
 * A path inside an owner's artifacts, "" for the whole. Errors: invalid_input for whatever a file system could take for something else.
 */
export function artifactPath(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  if (trimmed === "") return "";
  const parts = trimmed.split("/");
  const odd = parts.some((part) => part === "" || part === "." || part === "..");
  // A control character in a name is never meant.
  const control = Array.from(trimmed).some((c) => c.charCodeAt(0) < 32);
  if (odd || control || /[\\#]/.test(trimmed) || /^[a-zA-Z]:/.test(trimmed))
    throw new AppError("invalid_input", "Invalid path", {
      field: "path",
      value: path.slice(0, 200),
      remedy: "Use a relative path of names joined by '/', without '..', '\\' and '#'.",
    });
  if (Buffer.byteLength(trimmed) > LONGEST)
    throw new AppError("invalid_input", `An artifact's path may be ${LONGEST} bytes long.`, { field: "path" });
  return trimmed;
}

/** Where an owner's files stand: the part of MLflow's artifact path before "/artifacts". */
export function artifactRoot(experiment: number, owner: ArtifactOwner): string {
  return owner.kind === "run" ? `${experiment}/${owner.id}` : `${experiment}/models/${owner.id}`;
}

/** The address under which MLflow clients know an owner's files. */
export function artifactUri(experiment: number, owner: ArtifactOwner): string {
  return `mlflow-artifacts:/${artifactRoot(experiment, owner)}/artifacts`;
}

/**
 * The owner and path that an MLflow artifact path names: `<experiment>/<run id>/artifacts/<path>` or
 * `<experiment>/models/<model id>/artifacts/<path>`. null for every other form.
 */
export function parseArtifactPath(
  full: string,
): { readonly experiment: number; readonly owner: ArtifactOwner; readonly path: string } | null {
  const match = /^(\d{1,9})\/(?:models\/(m-[0-9a-zA-Z-]{1,62})|([0-9a-zA-Z][\w-]{0,63}))\/artifacts(?:\/(.*))?$/s.exec(
    full,
  );
  if (!match) return null;
  const [, experiment, model, run, path] = match;
  const owner: ArtifactOwner = model !== undefined ? { kind: "model", id: model } : { kind: "run", id: run ?? "" };
  return { experiment: Number(experiment), owner, path: path ?? "" };
}

const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  csv: "text/csv; charset=utf-8",
  flac: "audio/flac",
  gif: "image/gif",
  htm: "text/html; charset=utf-8",
  html: "text/html; charset=utf-8",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  jsonl: "text/plain; charset=utf-8",
  m4a: "audio/mp4",
  md: "text/markdown; charset=utf-8",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  onnx: "application/octet-stream",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tsv: "text/tab-separated-values; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  xml: "application/xml",
  yaml: "text/yaml; charset=utf-8",
  yml: "text/yaml; charset=utf-8",
  zip: "application/zip",
};
const TEXTS = /^(mlmodel|log|py|r|sql|toml|ini|cfg|sh|js|ts|tsx|ipynb)$/;

/** The media type of a file by its name; unknown ones are bytes. */
export function mediaType(path: string): string {
  const extension =
    path
      .slice(path.lastIndexOf("/") + 1)
      .split(".")
      .at(-1)
      ?.toLowerCase() ?? "";
  return TYPES[extension] ?? (TEXTS.test(extension) ? "text/plain; charset=utf-8" : "application/octet-stream");
}
