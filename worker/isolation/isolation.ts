import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { env } from "#server/platform/env.ts";
import { NAMESPACES_SCRIPT, WATCHED_SCRIPT } from "./isolation-scripts.ts";

/** How a step's process is kept apart from the machine, best first. */
export const ISOLATIONS = ["bubblewrap", "namespaces", "process"] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export interface Confinement {
  /** The attempt's folder: the step may write everywhere in it but in `inputs`. */
  readonly dir: string;
  readonly cwd: string;
  /** Read-only for the step. */
  readonly inputs: string;
  /** Further folders that the step needs and may not write: its environment, interpreters. */
  readonly readOnly: readonly string[];
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Whether descriptor 3 must be a pipe that the worker holds: its end tells the process that the worker is gone. */
  readonly watched: boolean;
  /** Whether the first process is only a wrapper, which must not be asked to end before what it wraps. */
  readonly wrapped: boolean;
}

const SYSTEM_DIRS = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/etc",
  "/opt",
  "/nix",
  "/sys",
  "/run/systemd/resolve",
];

/** What the platform keeps for itself: no step may see it where that can be prevented. */
function hiddenDirs(): string[] {
  const { dataDir, artifactDir } = env();
  return artifactDir.startsWith(`${dataDir}/`) ? [dataDir] : [dataDir, artifactDir];
}

/** A program of this machine. A step is started with a PATH of its own, on which the worker's tools need not be. */
function programPath(name: string): string {
  const dir = env()
    .PATH.split(path.delimiter)
    .find((candidate) => existsSync(path.join(candidate, name)));
  return dir === undefined ? name : path.join(dir, name);
}

function bubblewrap(argv: readonly string[], confinement: Confinement): Command {
  const { dir, cwd, inputs, readOnly } = confinement;
  const args = ["--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--cap-drop", "ALL"];
  for (const system of SYSTEM_DIRS) args.push("--ro-bind-try", system, system);
  args.push("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", "/var/tmp");
  for (const visible of readOnly) args.push("--ro-bind", visible, visible);
  args.push("--bind", dir, dir, "--ro-bind", inputs, inputs, "--chdir", cwd, "--");
  // A shell in between answers 127 for a program that is not there, as the other kinds do.
  const words = ["/bin/sh", "-c", 'exec "$@"', "step", ...argv];
  return { file: programPath("bwrap"), args: [...args, ...words], watched: false, wrapped: true };
}

function namespaces(argv: readonly string[], confinement: Confinement): Command {
  const { dir, cwd, inputs, readOnly } = confinement;
  const hidden = hiddenDirs();
  const inside = readOnly.filter((visible) => hidden.some((h) => visible.startsWith(`${h}/`)));
  const unshare = [
    programPath("unshare"),
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--mount-proc",
    "--",
  ];
  const script = [
    "/bin/sh",
    "-c",
    NAMESPACES_SCRIPT,
    "step",
    dir,
    inputs,
    cwd,
    hidden[1] ?? hidden[0] ?? "",
    hidden[0] ?? "",
    String(inside.length),
    ...inside,
  ];
  return {
    file: programPath("setpriv"),
    args: ["--pdeathsig", "KILL", ...unshare, ...script, ...argv],
    watched: false,
    wrapped: true,
  };
}

function plain(argv: readonly string[]): Command {
  return { file: "/bin/sh", args: ["-c", WATCHED_SCRIPT, "step", ...argv], watched: true, wrapped: false };
}

/** The command that runs `argv` confined. No word of it is ever read by a shell as anything but one word. */
export function confine(isolation: Isolation, argv: readonly string[], confinement: Confinement): Command {
  if (isolation === "bubblewrap") return bubblewrap(argv, confinement);
  if (isolation === "namespaces") return namespaces(argv, confinement);
  return plain(argv);
}

/** Whether a step under this isolation really sees its own folder, cannot write its inputs, and does not see the platform's. */
function works(isolation: Isolation): boolean {
  if (process.platform !== "linux") return false;
  const root = env().dataDir;
  mkdirSync(path.join(root, "work"), { recursive: true });
  const dir = mkdtempSync(path.join(root, "work", "probe-"));
  const secret = path.join(root, `probe-${path.basename(dir)}`);
  try {
    const inputs = path.join(dir, "inputs");
    mkdirSync(inputs);
    writeFileSync(path.join(inputs, "file"), "");
    writeFileSync(secret, "");
    const checks = `test -f inputs/file && touch own && ! touch inputs/new 2>/dev/null && ! test -e '${secret.replaceAll("'", "'\\''")}'`;
    const command = confine(isolation, ["/bin/sh", "-c", checks], { dir, cwd: dir, inputs, readOnly: [] });
    const result = spawnSync(command.file, command.args, {
      cwd: dir,
      env: { PATH: env().PATH } as unknown as NodeJS.ProcessEnv,
      timeout: 10_000,
      stdio: "ignore",
    });
    return result.status === 0 && existsSync(path.join(dir, "own"));
  } finally {
    rmSync(secret, { force: true });
    rmSync(dir, { recursive: true, force: true });
  }
}

let probed: { readonly dataDir: string; readonly isolation: Isolation } | undefined;

/** The best isolation that works on this machine, found by trying. */
export function bestIsolation(): Isolation {
  const { dataDir } = env();
  if (probed?.dataDir !== dataDir)
    probed = { dataDir, isolation: ISOLATIONS.find((i) => i === "process" || works(i)) ?? "process" };
  return probed.isolation;
}
