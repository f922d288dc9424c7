// Completes package-lock.json after every `npm install`. Plain JavaScript, because it must run before anything is installed.
//
//   node bin/complete-lock.mjs           adds what is missing and writes the file
//   node bin/complete-lock.mjs --check   only reports; exit code 1 if the file needs a change
//
// Two dangers it guards against:
// 1. A registry that does not carry the packages of other platforms (darwin, win32, musl …) makes npm leave them out of
//    the lock; npm 11 and 12 then refuse `npm ci` with "Missing: <name>@ from lock file". They are written here without
//    an integrity hash: `npm ci` skips them on a platform that they do not fit.
// 2. Download addresses ("resolved") tie the lock to one registry; they must not be recorded at all.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.join(import.meta.dirname, "..", "package-lock.json");
const check = process.argv.includes("--check");
const before = readFileSync(file, "utf8");
const lock = JSON.parse(before);
const packages = lock.packages;

const systems = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  linuxmusl: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win: "win32",
  win32: "win32",
  windows: "win32",
};
const processors = "arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64 x86".split(" ");

/** What npm would have read from the package itself: for which platform it is meant. The name is all we have. */
function platformOf(name) {
  const parts = name.split("/").pop().split("-");
  const os = parts.map((part) => systems[part]).find(Boolean);
  const cpu = parts.find((part) => processors.includes(part));
  const libc = parts.some((part) => part.includes("musl")) ? "musl" : parts.includes("gnu") ? "glibc" : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) };
}

/** Node's own look-up: the nearest node_modules folder above `from` that holds `name`. */
function find(from, name) {
  for (let base = from; ; ) {
    const at = `${base ? `${base}/` : ""}node_modules/${name}`;
    if (packages[at]) return at;
    if (!base) return undefined;
    const end = base.lastIndexOf("node_modules/");
    base = end <= 0 ? "" : base.slice(0, end - 1);
  }
}

const findings = [];
for (const [at, entry] of Object.entries(packages)) {
  if (/^https?:/.test(entry.resolved ?? "")) {
    findings.push(`${at}: a download address is recorded`);
    delete entry.resolved;
  }
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (find(at, name)) continue;
    const version = range.replace(/^[\^~=v]+/, "");
    if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) throw new Error(`${at}: ${name}@${range} is not a plain version`);
    packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(entry.dev && { dev: true }),
      optional: true,
    };
    findings.push(`${name}@${version} is missing`);
  }
}

if (findings.length === 0) {
  console.log("package-lock.json is complete");
} else if (check) {
  console.error(`package-lock.json needs \`npm run lock:complete\`:\n  ${findings.join("\n  ")}`);
  process.exitCode = 1;
} else {
  const order = ([a], [b]) => (a === "" ? -1 : b === "" ? 1 : a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(Object.entries(packages).sort(order));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${findings.length} entries completed`);
}
