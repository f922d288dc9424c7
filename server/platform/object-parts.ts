import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import { env } from "./env.ts";
import type { ByteSource } from "./objects.ts";

// Parts of an upload wait beside what is being received, each under a name that says what it is: upload, number and SHA-256. They become content only
// when all of them are joined, and what nobody joined within a day goes with the next upload that is begun.

const ABANDONED_MS = 24 * 3600_000;
const UPLOAD = /^[0-9a-f]{32}$/;
const folder = (): string => path.join(env().artifactDir, "incoming");

/** One received part: its number from 1 and what it holds. */
export interface Part {
  readonly number: number;
  readonly sha256: string;
}

function prefixOf(upload: string, number?: number): string {
  // The name becomes a path, so nothing but our own ids may pass.
  if (!UPLOAD.test(upload)) throw new AppError("not_found", "There is no such upload.", { field: "upload_id" });
  return `part-${upload}-${number === undefined ? "" : `${number}-`}`;
}

/** Begins an upload in parts and removes the parts that others left behind. */
export async function beginParts(): Promise<string> {
  await mkdir(folder(), { recursive: true });
  for (const name of await readdir(folder())) {
    if (!name.startsWith("part-")) continue;
    const file = path.join(folder(), name);
    const found = await stat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await unlink(file).catch(() => undefined);
  }
  return hexId();
}

/** Keeps one part, replacing an earlier one of its number. Errors: invalid_input when fewer bytes than announced arrived. */
export async function keepPart(
  upload: string,
  number: number,
  content: ByteSource,
  expectedBytes?: number,
): Promise<Part> {
  await mkdir(folder(), { recursive: true });
  const temporary = path.join(folder(), hexId());
  const hash = createHash("sha256");
  let size = 0;
  const file = await open(temporary, "wx");
  try {
    try {
      for await (const chunk of content as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        hash.update(chunk);
        for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
      }
    } finally {
      await file.close();
    }
    if (expectedBytes !== undefined && size !== expectedBytes)
      throw new AppError("invalid_input", `${size} of ${expectedBytes} announced bytes arrived.`, { field: "body" });
    const sha256 = hash.digest("hex");
    const before = await namesOf(prefixOf(upload, number));
    const name = `${prefixOf(upload, number)}${sha256}`;
    await rename(temporary, path.join(folder(), name));
    await remove(before.filter((old) => old !== name));
    return { number, sha256 };
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function namesOf(prefix: string): Promise<string[]> {
  return (await readdir(folder()).catch(() => [])).filter((name) => name.startsWith(prefix));
}

async function remove(names: readonly string[]): Promise<void> {
  for (const name of names) await unlink(path.join(folder(), name)).catch(() => undefined);
}

/** The content of the named parts, one after the other. Errors: invalid_input naming the first part that never arrived as it is named. */
export async function joinedParts(upload: string, parts: readonly Part[]): Promise<AsyncGenerator<Uint8Array>> {
  const files = parts.map(({ number, sha256 }) => path.join(folder(), `${prefixOf(upload, number)}${sha256}`));
  for (const [i, file] of files.entries())
    if (!/^[0-9a-f]{64}$/.test(parts[i]?.sha256 ?? "") || !(await stat(file).catch(() => undefined)))
      throw new AppError("invalid_input", `Part ${parts[i]?.number ?? i + 1} has not arrived as it is named.`, {
        field: "parts",
        remedy: "Send it again, then complete the upload.",
      });
  return (async function* () {
    for (const file of files) yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
  })();
}

/** Removes what an upload left; nothing there is no error. */
export async function dropParts(upload: string): Promise<void> {
  await remove(await namesOf(prefixOf(upload)));
}
