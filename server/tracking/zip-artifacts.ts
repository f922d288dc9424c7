import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { addAbortSignal, PassThrough, type Readable, type Writable } from "node:stream";
import yazl from "yazl";
import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { localPath, openRead } from "#server/platform/objects.ts";
import { inside, rootOfOwner } from "./artifact-owner.ts";
import { artifactPath, artifactRoot } from "./artifact-path.ts";
import { ArtifactOwner } from "./contract.ts";

/** Beyond this the list of files alone would weigh on the server. */
const MOST_FILES = 50_000;
/** Files up to this are stored as they are, in one piece. */
const SMALL = 16 * 1024;
const AHEAD = 64;
/** What is compressed already, or does not shrink: stored as it is. */
const STORED =
  /\.(png|jpe?g|gif|webp|avif|zip|gz|tgz|bz2|xz|zst|7z|parquet|npz|mp[34]|m4a|mov|webm|ogg|flac|pdf|onnx|pt|pth|ckpt|safetensors|h5|keras|pkl|joblib|bin|whl)$/i;

interface ZipEntry {
  /** Path in the zip: relative, of plain names. */
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly at: Date;
}

/** A path that means the same on every system: names that Windows refuses get an underscore. */
function portable(path: string): string {
  return path
    .split("/")
    .map((part) => part.replace(/[<>:"|?*\\]/g, "_").replace(/[. ]+$/, (end) => "_".repeat(end.length)))
    .map((part) => (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part) ? `_${part}` : part))
    .join("/");
}

/** Gives every entry a name of its own: two that differ only in what was replaced, or in case, get a number. */
function distinct(entries: readonly ZipEntry[]): ZipEntry[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    const dot = entry.name.lastIndexOf(".");
    const [stem, end] =
      dot > entry.name.lastIndexOf("/") + 1 ? [entry.name.slice(0, dot), entry.name.slice(dot)] : [entry.name, ""];
    let name = entry.name;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem} (${n})${end}`;
    taken.add(name.toLowerCase());
    return name === entry.name ? entry : { ...entry, name };
  });
}

/** What a zip of a folder, or with `models` of a whole run, holds. Errors: not_found when there is nothing; too_large beyond 50,000 files. */
const listForZip = defineUseCase({
  name: "tracking.list-for-zip",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    owner: ArtifactOwner,
    path: z.string().default(""),
    /** Also the files of the models that the run logged, under models/. */
    models: z.boolean().default(false),
  }),
  async run({ input, project, db }): Promise<{ name: string; entries: ZipEntry[] }> {
    const { owner } = input;
    const root = await rootOfOwner(db, project.id, owner);
    const path = artifactPath(input.path);
    const name =
      owner.kind === "run"
        ? await db.run.findFirstOrThrow({ where: { id: owner.id }, select: { name: true } })
        : await db.loggedModel.findFirstOrThrow({ where: { id: owner.id }, select: { name: true } });
    const roots = [{ root, under: "", path }];
    if (input.models && owner.kind === "run") {
      const models = await db.loggedModel.findMany({
        where: { projectId: project.id, sourceRunId: owner.id, deletedAt: null },
        select: { id: true, name: true, experiment: { select: { number: true } } },
        orderBy: { createdAt: "asc" },
      });
      for (const model of models)
        roots.push({
          root: artifactRoot(model.experiment.number, { kind: "model", id: model.id }),
          under: `models/${model.name}-${model.id.slice(2, 10)}/`,
          path: "",
        });
    }
    const entries: ZipEntry[] = [];
    for (const one of roots) {
      const rows = await db.$queryRaw<{ path: string; sha256: string; sizeBytes: number; at: Date }[]>`
        select path, sha256, size_bytes::float8 as "sizeBytes", created_at as at from artifacts
        where project_id = ${project.id}::uuid and root = ${one.root} and path like ${inside(one.path)}
        order by path limit ${MOST_FILES + 1 - entries.length}`;
      const cut = one.path === "" ? 0 : one.path.length + 1;
      for (const row of rows) entries.push({ ...row, name: portable(one.under + row.path.slice(cut)) });
    }
    if (entries.length === 0)
      throw new AppError("not_found", "There are no files to put into a zip.", {
        field: "path",
        value: input.path,
        remedy: "List the artifacts to see what there is.",
      });
    if (entries.length > MOST_FILES)
      throw new AppError("too_large", `There are more than ${MOST_FILES.toLocaleString("en")} files in it.`, {
        field: "path",
        value: input.path,
        remedy: "Download folders one by one, or with mlflow.artifacts.download_artifacts.",
      });
    const last = path.slice(path.lastIndexOf("/") + 1);
    return { name: last === "" ? name.name : `${name.name} ${last}`, entries: distinct(entries) };
  },
});

/** Waits until the reader has taken what was written. */
async function drained(output: Writable, signal: AbortSignal): Promise<void> {
  if (output.writableNeedDrain) await once(output, "drain", { signal });
}

const MODE = 0o100644;

/** Adds one large file and waits until it was read. */
async function addLarge(zip: yazl.ZipFile, { name, sha256, sizeBytes, at }: ZipEntry, signal: AbortSignal) {
  const stream = addAbortSignal(signal, await openRead(sha256));
  const read = once(stream, "close", { signal });
  zip.addReadStream(stream, name, { mtime: at, mode: MODE, compress: !STORED.test(name), size: sizeBytes });
  await read;
}

/** Adds the entries in their order, each when those before have gone out; only small files are read a few ahead, together. */
async function fill(zip: yazl.ZipFile, entries: readonly ZipEntry[], signal: AbortSignal): Promise<void> {
  const output = zip.outputStream as unknown as Writable;
  for (let i = 0; i < entries.length; ) {
    signal.throwIfAborted();
    const large = entries.findIndex((entry, at) => at >= i && (entry.sizeBytes > SMALL || at >= i + AHEAD));
    const small = entries.slice(i, large < 0 ? entries.length : large);
    const contents = await Promise.all(small.map(async ({ sha256 }) => await readFile(await localPath(sha256))));
    // A stream and a compressor for each of thousands of small files would cost more than the bytes they save.
    for (const [at, entry] of small.entries())
      zip.addBuffer(contents[at] ?? Buffer.alloc(0), entry.name, { mtime: entry.at, mode: MODE, compress: false });
    i += small.length;
    const next = entries[i];
    if (small.length === 0 && next) {
      await addLarge(zip, next, signal);
      i += 1;
    }
    await drained(output, signal);
  }
  zip.end();
}

/**
 * A zip of the entries as a stream. Each file is opened when its turn comes and read as fast as the reader takes it: memory does not grow with size or
 * number. When the reader goes away, reading stops. A file that cannot be read ends the stream with an error.
 */
function zipOf(entries: readonly ZipEntry[]): Readable {
  const zip = new yazl.ZipFile();
  const out = new PassThrough();
  const gone = new AbortController();
  const fail = (error: unknown): void => void out.destroy(error instanceof Error ? error : new Error(String(error)));
  zip.on("error", fail);
  out.once("close", () => gone.abort());
  zip.outputStream.pipe(out);
  fill(zip, entries, gone.signal).catch((error: unknown) => {
    if (!gone.signal.aborted) fail(error);
  });
  return out;
}

/** A folder of a run or logged model, or a whole run, as a zip. Errors: as for `listForZip`. */
export async function zipArtifacts(
  actor: Actor,
  project: string,
  input: { readonly owner: ArtifactOwner; readonly path?: string; readonly models?: boolean },
): Promise<{ readonly name: string; readonly files: number; readonly stream: Readable }> {
  const { name, entries } = await listForZip(actor, project, input);
  return { name: `${name.replace(/[/\\]/g, "_")}.zip`, files: entries.length, stream: zipOf(entries) };
}
