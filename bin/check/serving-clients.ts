import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

// The Python in which the clients that others wrote speak with our endpoints; apart from mlflow's, whose pins they would fight.
const PACKAGES = ["tritonclient[http]==2.73.0", "kserve==0.21.0", "openapi-spec-validator==0.7.2"];
const DIR = "node_modules/.cache/serving-clients";
const MARK = path.join(DIR, "made-from");

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Makes the environment unless it is there. Returns why that failed, with what pip said; half an environment is not left behind. */
export function makeServingClients(): string | null {
  const wanted = PACKAGES.join("\n");
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === wanted) return null;
  rmSync(DIR, { recursive: true, force: true });
  const venv = run("python3", "-m", "venv", DIR);
  const install =
    venv.status === 0 ? run(path.join(DIR, "bin/python3"), "-m", "pip", "install", "--quiet", ...PACKAGES) : venv;
  if (install.status === 0) {
    writeFileSync(MARK, wanted);
    return null;
  }
  rmSync(DIR, { recursive: true, force: true });
  return install.stdout + install.stderr;
}
