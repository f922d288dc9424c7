import { execFile } from "node:child_process";
import { generateKeyPairSync, verify } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { env, resetEnv } from "#server/platform/env.ts";
import { testDataDir } from "#server/platform/testing/database.ts";
import { approvalKeys, approvalSigner, keyIdOf } from "./approval-keys.ts";

testDataDir();
afterEach(() => {
  vi.unstubAllEnvs();
  resetEnv();
});

const pem = (key: ReturnType<typeof generateKeyPairSync>["privateKey"]) => key.export({ type: "pkcs8", format: "pem" });

test("a key is made at the first need, for its owner alone, and its public half verifies what it signed", () => {
  expect(approvalKeys().size).toBe(0);
  const signer = approvalSigner();
  expect(approvalSigner()).toBe(signer);
  const { approvalKeyFile, approvalPublicKeyFile } = env();
  expect(statSync(approvalKeyFile).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(approvalKeyFile)).mode & 0o777).toBe(0o700);
  expect(readdirSync(path.dirname(approvalKeyFile)).sort()).toEqual(["approvals.pem", "approvals.pub.pem"]);
  expect(readFileSync(approvalPublicKeyFile, "utf8")).not.toContain("PRIVATE");
  const key = approvalKeys().get(signer.keyId);
  expect(key && verify(null, Buffer.from("text"), key, Buffer.from(signer.sign("text"), "base64"))).toBe(true);
});

test("processes that need one at the same time agree on it", async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "keys-"));
  const script = `const { approvalSigner } = await import("#server/governance/index.ts"); console.log(approvalSigner().keyId);`;
  const run = () =>
    promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: path.join(import.meta.dirname, "../.."),
      env: { PATH: env().PATH, DATA_DIR: dir, NODE_ENV: "test" },
    });
  const ids = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout.trim());
  rmSync(dir, { recursive: true });
  expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(ids).size).toBe(1);
}, 60_000);

test("a new key keeps what the old one signed, and one that was taken out of the file counts no longer", () => {
  const before = approvalSigner();
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  writeFileSync(env().approvalKeyFile, pem(privateKey));
  const after = approvalSigner();
  expect(after.keyId).toBe(keyIdOf(publicKey));
  expect([...approvalKeys().keys()].sort()).toEqual([before.keyId, after.keyId].sort());
  writeFileSync(env().approvalPublicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
  expect([...approvalKeys().keys()]).toEqual([after.keyId]);
});

test("a key that a setting names is not made up, and must be one for Ed25519", () => {
  const named = path.join(env().dataDir, "elsewhere.pem");
  vi.stubEnv("APPROVAL_KEY_FILE", named);
  resetEnv();
  expect(() => approvalSigner()).toThrow(`The key of approvals in ${named} cannot be used`);
  writeFileSync(named, pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey));
  expect(() => approvalSigner()).toThrow("it is a key of the kind rsa");
  writeFileSync(named, pem(generateKeyPairSync("ed25519").privateKey));
  expect(approvalSigner().keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(env().approvalPublicKeyFile).toBe(path.join(env().dataDir, "elsewhere.pub.pem"));
  appendFileSync(env().approvalPublicKeyFile, "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n");
  expect(() => approvalKeys()).toThrow("cannot be used");
});
