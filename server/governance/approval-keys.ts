import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { env } from "#server/platform/env.ts";

/** Public keys by id. */
export type ApprovalKeys = ReadonlyMap<string, KeyObject>;

export interface ApprovalSigner {
  readonly keyId: string;
  /** Ed25519 over the text's UTF-8 bytes, base64. */
  readonly sign: (text: string) => string;
}

/** The first sixteen hex digits of the SHA-256 over the public key in DER (SPKI). */
export function keyIdOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}

interface Read<T> {
  readonly file: string;
  readonly mark: string;
  readonly value: T;
}
let signer: Read<ApprovalSigner> | undefined;
let trusted: Read<ApprovalKeys> | undefined;

const markOf = (stats: Stats): string => `${stats.ino}:${stats.mtimeMs}:${stats.size}`;

/**
 * What signs approvals in this process. A key that no setting names is made at the first call; its public half is always in the file of public keys, so that
 * whoever serves can read it there. Errors: unavailable when a named key is missing or cannot be read.
 */
export function approvalSigner(): ApprovalSigner {
  const { approvalKeyFile: file, approvalPublicKeyFile: publicFile, APPROVAL_KEY_FILE: named } = env();
  if (named === undefined && !existsSync(file)) makeKey(file);
  const mark = readable(file, () => markOf(statSync(file)));
  if (signer?.file === file && signer.mark === mark && existsSync(publicFile)) return signer.value;
  const key = readable(file, () => createPrivateKey(readFileSync(file)));
  if (key.asymmetricKeyType !== "ed25519") throw unusable(file, `it is a key of the kind ${key.asymmetricKeyType}`);
  const publicKey = createPublicKey(key);
  const keyId = keyIdOf(publicKey);
  if (!readKeys(publicFile).has(keyId)) publish(publicFile, publicKey);
  const value: ApprovalSigner = { keyId, sign: (text) => sign(null, Buffer.from(text), key).toString("base64") };
  signer = { file, mark, value };
  return value;
}

/** The public keys that approvals may be signed with; read anew when their file changed. None while there is no file: then nothing was ever signed here. */
export function approvalKeys(): ApprovalKeys {
  const { approvalPublicKeyFile: file } = env();
  const stats = statSync(file, { throwIfNoEntry: false });
  const mark = stats ? markOf(stats) : "";
  if (trusted?.file !== file || trusted.mark !== mark) trusted = { file, mark, value: readKeys(file) };
  return trusted.value;
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = `${file}.${uuidv7()}`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
  try {
    // Of two processes that make one at the same time, the second finds the first one's: a link never replaces.
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

function readKeys(file: string): ApprovalKeys {
  if (!existsSync(file)) return new Map();
  const blocks = readable(file, () => readFileSync(file, "utf8")).match(PEM) ?? [];
  const keys = blocks.map((pem) => readable(file, () => createPublicKey(pem)));
  return new Map(keys.filter((key) => key.asymmetricKeyType === "ed25519").map((key) => [keyIdOf(key), key]));
}

/** Adds a public key and keeps those before it: what they signed stays valid. */
function publish(file: string, key: KeyObject): void {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const draft = `${file}.${uuidv7()}`;
  readable(file, () => {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${before}${key.export({ type: "spki", format: "pem" }).toString()}`, { mode: 0o644 });
    renameSync(draft, file);
  });
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unusable(file, messageOf(error));
  }
}

function unusable(file: string, reason: string): AppError {
  return new AppError("unavailable", `The key of approvals in ${file} cannot be used: ${reason}.`, {
    remedy: "An administrator sets APPROVAL_KEY_FILE and APPROVAL_PUBLIC_KEY_FILE: see docs/administrator.md.",
  });
}
