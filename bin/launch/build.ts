import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** All that goes into `next build`, and nothing that does not: a changed test or worker must not cost a build. */
const SOURCES = [
  "{app,components,server,public}/**/*",
  "prisma/schema/*",
  "{proxy,instrumentation,instrumentation-client,next-env.d}.ts",
  "*.config.{ts,mjs,js}",
  "tsconfig.json",
  // Its imports and side effects decide what is bundled, and where.
  "package.json",
  "package-lock.json",
];
const NOT_BUILT =
  /\.test\.tsx?$|\.md$|^server\/platform\/(prisma|testing)\/|^next-env|^(vitest|playwright|eslint|prisma)\.config/;
const MARK = "touchstone-source";

/** SHA-256 over the names and contents of what goes into the build of the tree at `root`. */
export function sourceHash(root: string): string {
  const hash = createHash("sha256");
  const names = globSync(SOURCES, { cwd: root }).map((name) => name.split(path.sep).join("/"));
  for (const name of [...new Set(names)].sort()) {
    const file = path.join(root, name);
    if (NOT_BUILT.test(name) || !statSync(file).isFile()) continue;
    hash.update(`${name}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Whether `.next` holds a whole build of exactly these sources. */
export function isBuilt(root: string, hash: string): boolean {
  const mark = path.join(root, ".next", MARK);
  return existsSync(path.join(root, ".next/BUILD_ID")) && existsSync(mark) && readFileSync(mark, "utf8") === hash;
}

/** Runs `build` and notes what it was made of. A build that is broken off leaves no note, so the next start builds again. */
export async function markedBuild(root: string, hash: string, build: () => Promise<void>): Promise<void> {
  const mark = path.join(root, ".next", MARK);
  mkdirSync(path.dirname(mark), { recursive: true });
  rmSync(mark, { force: true });
  await build();
  writeFileSync(mark, hash);
}
