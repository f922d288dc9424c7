import { AppError } from "#server/kernel/errors.ts";
import { parseArtifactPath } from "#server/tracking/index.ts";

export type Place = NonNullable<ReturnType<typeof parseArtifactPath>>;

/** An address's path without its encoding. Errors: invalid_input. */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  }
}

/** Errors: invalid_input for a path that goes upwards, not_found for one that names neither run nor logged model. */
export function placeOf(path: string): Place {
  if (path.split("/").includes("..") || path.startsWith("/"))
    throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  const place = parseArtifactPath(path);
  if (place) return place;
  throw new AppError("not_found", `No such artifact: '${path}'`, {
    field: "path",
    value: path,
    remedy: "Artifacts stand below '<experiment>/<run>/artifacts' and '<experiment>/models/<model>/artifacts'.",
  });
}

/** Clients count the bytes; whoever sends fewer than announced was cut off. */
export function announced(request: Request): number | undefined {
  const length = request.headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty file has no body to read.
}

/** The body as it arrives, in chunks. */
export function contentOf(request: Request): AsyncIterable<Uint8Array> {
  return (request.body as AsyncIterable<Uint8Array> | null) ?? nothing();
}
