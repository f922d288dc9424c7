import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isBuilt, markedBuild, sourceHash } from "./build.ts";

let root = "";
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "touchstone-build-"));
  write("app/page.tsx", "1");
  write("server/identity/index.ts", "1");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  "app/page.tsx",
  "app/p/[project]/page.tsx",
  "components/ui/button.tsx",
  "server/identity/index.ts",
  "public/mark.svg",
  "prisma/schema/data.prisma",
  "proxy.ts",
  "next.config.ts",
  "package-lock.json",
])("%s goes into the build", (name) => {
  const before = sourceHash(root);
  write(name, "2");
  expect(sourceHash(root)).not.toBe(before);
});

test.each([
  "server/identity/index.test.ts",
  "server/platform/prisma/client.ts",
  "server/identity/README.md",
  "worker/main.ts",
  "bin/touchstone.ts",
  "vitest.config.ts",
  "next-env.d.ts",
])("%s does not cost a build", (name) => {
  const before = sourceHash(root);
  write(name, "2");
  expect(sourceHash(root)).toBe(before);
});

test("a file that was renamed is a change", () => {
  const before = sourceHash(root);
  rmSync(path.join(root, "app/page.tsx"));
  write("app/other.tsx", "1");
  expect(sourceHash(root)).not.toBe(before);
});

test("a build counts for its sources only, and a broken one for none", async () => {
  const build = async () => write(".next/BUILD_ID", "x");
  const hash = sourceHash(root);
  expect(isBuilt(root, hash)).toBe(false);
  await markedBuild(root, hash, build);
  expect(isBuilt(root, hash)).toBe(true);
  write("app/page.tsx", "2");
  expect(isBuilt(root, sourceHash(root))).toBe(false);
  await expect(markedBuild(root, hash, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(path.join(root, ".next/BUILD_ID"))).toBe(true);
  expect(isBuilt(root, hash)).toBe(false);
});
