import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import { env } from "./env.ts";

export interface StoredObject {
  /** 64 lower-case hex digits: the content's name. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** First and last byte, both included, as in an HTTP Range header; without `end`, to the last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface PutOptions {
  /** Refuse with too_large as soon as more arrives; nothing is kept. */
  readonly maxBytes?: number;
  /** What the sender says the content is; other content is refused with invalid_input and not kept. */
  readonly expectedSha256?: string;
  /** What the sender announced (Content-Length); a body that ends early is refused with invalid_input and not kept. */
  readonly expectedBytes?: number;
}

export type ByteSource = Readable | AsyncIterable<Uint8Array>;

/**
 * Where bytes live, addressed by what they are. Equal content is kept once and never changes. Implementations stream: no call holds more than a few
 * chunks in memory, whatever the size.
 */
export interface ObjectStore {
  put(source: ByteSource, options?: PutOptions): Promise<StoredObject>;
  /** Errors: not_found when the store has lost the content. */
  openRead(sha256: string, range?: ByteRange): Promise<Readable>;
  /** A local, read-only file with the content (a remote store fetches it first). Errors: not_found. */
  localPath(sha256: string): Promise<string>;
  /** Size in bytes, or null when there is no such content. */
  sizeOf(sha256: string): Promise<number | null>;
  /**
   * Takes content out of the store without losing it: whoever asks for it gets it back, and a `put` of the same content stores it anew. false when the
   * store does not hold it. The first half of a removal; the second is `discard`, later.
   */
  setAside(sha256: string): Promise<boolean>;
  /** Puts content that was set aside back into the store; nothing to do when it is there. */
  takeBack(sha256: string): Promise<void>;
  /** Removes content that is still set aside, for good. Returns whether there was any. Content in the store is not touched. */
  discard(sha256: string): Promise<boolean>;
}

const SHA256 = /^[0-9a-f]{64}$/;
const ABANDONED_MS = 24 * 3600_000;

const lost = (sha256: string) =>
  new AppError("not_found", `The stored content ${sha256.slice(0, 12)}… is missing from the artifact store.`, {
    field: "sha256",
    value: sha256,
    remedy: "Ask an administrator to restore the artifact folder from a backup.",
  });

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Turns a full or read-only disk into a refusal that says what to do; everything else is thrown as it came. */
function storageError(error: unknown, dir: string): unknown {
  const reason = hasCode(error, "ENOSPC")
    ? "The disk that holds artifacts is full."
    : hasCode(error, "EDQUOT")
      ? "The quota of the disk that holds artifacts is used up."
      : hasCode(error, "EROFS", "EACCES", "EPERM")
        ? "The folder that holds artifacts cannot be written."
        : undefined;
  if (!reason) return error;
  return new AppError("unavailable", reason, {
    remedy: `Ask an administrator to free space in ${dir}, or to point ARTIFACT_DIR at another disk.`,
    cause: error,
  });
}

/** Syncs a directory, so that a rename in it survives a power cut. Some file systems cannot; theirs is then as safe as it gets. */
async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOTSUP", "EPERM")) throw error;
  } finally {
    await handle.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
}

async function sizeOrNull(file: string): Promise<number | null> {
  const found = await stat(file).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  });
  return found?.size ?? null;
}

/** Renames; false when there is nothing to rename. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** Objects as files under `root`: aa/aabbcc…; what is being received lies in incoming/ until its name is known, what is to be removed in aside/. */
export class FolderStore implements ObjectStore {
  readonly #root: string;
  #swept: Promise<void> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  #pathOf(sha256: string): string {
    // The name becomes a path, so nothing but a digest may pass.
    if (!SHA256.test(sha256))
      throw new AppError("invalid_input", "This is no SHA-256.", { field: "sha256", value: sha256 });
    return path.join(this.#root, sha256.slice(0, 2), sha256);
  }

  /** Removes what interrupted uploads of an earlier day left behind. */
  async #sweep(incoming: string): Promise<void> {
    for (const name of await readdir(incoming)) {
      const file = path.join(incoming, name);
      const found = await stat(file).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await unlink(file).catch(() => undefined);
    }
  }

  async put(source: ByteSource, options: PutOptions = {}): Promise<StoredObject> {
    const incoming = path.join(this.#root, "incoming");
    const temporary = path.join(incoming, hexId());
    try {
      await mkdir(incoming, { recursive: true });
      this.#swept ??= this.#sweep(incoming);
      await this.#swept;
      const received = await this.#receive(source, temporary, options);
      await this.#keep(temporary, received);
      return received;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      if (source instanceof Readable) source.destroy();
      throw storageError(error, this.#root);
    }
  }

  async #receive(source: ByteSource, temporary: string, options: PutOptions): Promise<StoredObject> {
    const { maxBytes, expectedSha256, expectedBytes } = options;
    const hash = createHash("sha256");
    let sizeBytes = 0;
    const file = await open(temporary, "wx");
    try {
      for await (const part of source as AsyncIterable<Uint8Array | string>) {
        const chunk = typeof part === "string" ? Buffer.from(part) : part;
        sizeBytes += chunk.byteLength;
        if (maxBytes !== undefined && sizeBytes > maxBytes)
          throw new AppError("too_large", `The content is larger than ${maxBytes.toLocaleString("en")} bytes.`, {
            field: "body",
            value: maxBytes,
          });
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (expectedBytes !== undefined && expectedBytes !== sizeBytes)
      throw new AppError("invalid_input", `${sizeBytes} of ${expectedBytes} announced bytes arrived.`, {
        field: "body",
        value: sizeBytes,
        remedy: "Send it again; the connection was cut on the way.",
      });
    const sha256 = hash.digest("hex");
    if (expectedSha256 !== undefined && expectedSha256 !== sha256)
      throw new AppError("invalid_input", "The content that arrived is not what its digest says.", {
        field: "sha256",
        value: sha256,
        remedy: "Send it again; it was changed or cut on the way.",
      });
    return { sha256, sizeBytes };
  }

  async #keep(temporary: string, { sha256, sizeBytes }: StoredObject): Promise<void> {
    const target = this.#pathOf(sha256);
    const present = await stat(target).catch(() => undefined);
    if (present?.size === sizeBytes) {
      await unlink(temporary);
      return;
    }
    const dir = path.dirname(target);
    await mkdir(dir, { recursive: true });
    await chmod(temporary, 0o444);
    await rename(temporary, target);
    await syncDir(dir);
  }

  async openRead(sha256: string, range?: ByteRange): Promise<Readable> {
    const file = await this.localPath(sha256);
    return createReadStream(file, { ...range, highWaterMark: 256 * 1024 });
  }

  async localPath(sha256: string): Promise<string> {
    if ((await this.sizeOf(sha256)) === null) throw lost(sha256);
    return this.#pathOf(sha256);
  }

  async sizeOf(sha256: string): Promise<number | null> {
    const found = await sizeOrNull(this.#pathOf(sha256));
    if (found !== null) return found;
    // Somebody needs what was set aside: it was not as unwanted as it looked.
    await this.takeBack(sha256);
    return await sizeOrNull(this.#pathOf(sha256));
  }

  #asideOf(sha256: string): string {
    return path.join(this.#root, "aside", path.basename(this.#pathOf(sha256)));
  }

  async setAside(sha256: string): Promise<boolean> {
    const [from, to] = [this.#pathOf(sha256), this.#asideOf(sha256)];
    await mkdir(path.dirname(to), { recursive: true });
    return await moved(from, to);
  }

  async takeBack(sha256: string): Promise<void> {
    const [to, from] = [this.#pathOf(sha256), this.#asideOf(sha256)];
    if ((await sizeOrNull(to)) !== null) {
      await this.discard(sha256);
      return;
    }
    await mkdir(path.dirname(to), { recursive: true });
    // An equal file that is being stored at this moment is replaced by an equal one.
    await moved(from, to);
  }

  async discard(sha256: string): Promise<boolean> {
    try {
      await unlink(this.#asideOf(sha256));
      return true;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return false;
      throw error;
    }
  }
}

let opened: { readonly dir: string; readonly store: ObjectStore } | undefined;

/** The artifact store of this process: the folder named by ARTIFACT_DIR (by default `objects` in DATA_DIR). */
export function objectStore(): ObjectStore {
  const dir = env().artifactDir;
  if (opened?.dir !== dir) opened = { dir, store: new FolderStore(dir) };
  return opened.store;
}

/**
 * Stores what a stream carries, hashing on the way; the stream is consumed, and on an error destroyed. Errors: too_large (maxBytes), invalid_input
 * (expectedSha256), unavailable when the disk is full or not writable.
 */
export function putStream(source: ByteSource, options?: PutOptions): Promise<StoredObject> {
  return objectStore().put(source, options);
}

/** Stores a copy of a local file. */
export function putFile(file: string, options?: PutOptions): Promise<StoredObject> {
  return objectStore().put(createReadStream(file, { highWaterMark: 256 * 1024 }), options);
}

/** Stores bytes that are already in memory. */
export function putBuffer(content: Uint8Array | string): Promise<StoredObject> {
  return objectStore().put(Readable.from([typeof content === "string" ? Buffer.from(content) : content]));
}

/** The content as a stream, or the named range of it. Errors: not_found. */
export function openRead(sha256: string, range?: ByteRange): Promise<Readable> {
  return objectStore().openRead(sha256, range);
}

/** A read-only local file with the content, for programs that want a path (DuckDB, ONNX, Python). Never write to it. Errors: not_found. */
export function localPath(sha256: string): Promise<string> {
  return objectStore().localPath(sha256);
}

/** Whether the store holds this content. */
export async function has(sha256: string): Promise<boolean> {
  return (await objectStore().sizeOf(sha256)) !== null;
}
