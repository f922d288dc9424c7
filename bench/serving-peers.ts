import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "#bin/launch/ports.ts";
import { type Server, startServer } from "./serving-servers.ts";

// The peers of the comparison, from PyPI in environments of their own that are kept in node_modules/.cache.
const CACHE = path.join(import.meta.dirname, "../node_modules/.cache/bench-serving");
const SCRIPTS = path.join(import.meta.dirname, "peers");

/** MLServer wants older versions of what FastAPI and MLflow stand on, so it has an environment of its own. */
const ENVIRONMENTS = {
  python: ["fastapi", "uvicorn", "uvloop", "httptools", "onnxruntime", "mlflow", "scikit-learn", "skl2onnx"],
  mlserver: ["mlserver", "onnxruntime"],
} as const;
type Environment = keyof typeof ENVIRONMENTS;

const bin = (environment: Environment, name: string) => path.join(CACHE, environment, "bin", name);

/** Folder of mlp.onnx and trees.onnx, trained by scikit-learn, each with its MLflow model beside it. */
export const MODELS: string = path.join(CACHE, "models");

/** Installs the peers from PyPI and trains their models; at once where that was done before. Throws when it cannot be done. */
export function installPeers(say: (text: string) => void): void {
  for (const environment of Object.keys(ENVIRONMENTS) as Environment[]) {
    const done = path.join(CACHE, environment, "installed");
    if (existsSync(done)) continue;
    const packages = ENVIRONMENTS[environment];
    say(`installing ${packages.join(", ")} from PyPI (once)`);
    rmSync(path.join(CACHE, environment), { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    run("python3", ["-m", "venv", path.join(CACHE, environment)]);
    run(bin(environment, "python"), ["-m", "pip", "install", "--quiet", ...packages]);
    writeFileSync(done, "");
  }
  if (!existsSync(path.join(MODELS, "done")))
    run(bin("python", "python"), [path.join(SCRIPTS, "make_models.py"), MODELS]);
}

/** The installed version of a package of an environment. */
function versionOf(environment: Environment, name: string): string {
  const code = `import importlib.metadata as m; print(m.version("${name}"))`;
  return spawnSync(bin(environment, "python"), ["-c", code], { encoding: "utf8" }).stdout.trim();
}

export interface Peer {
  readonly name: string;
  /** Times fewer processor time that a prediction of ours is to need. */
  readonly times: number;
  readonly path: string;
  readonly body: unknown;
  readonly start: (folder: string) => Promise<Server>;
}

/** The peers with the same model, `mlp` or `trees`, on one process each. */
export function peers(model: string, row: readonly number[]): Peer[] {
  const onnx = path.join(MODELS, `${model}.onnx`);
  const tensor = { name: "x", datatype: "FP32", shape: [1, row.length], data: row };
  return [
    {
      name: `FastAPI ${versionOf("python", "fastapi")} + uvloop + httptools + onnxruntime ${versionOf("python", "onnxruntime")}`,
      times: 8,
      path: "/v2/models/model/infer",
      body: { inputs: [tensor] },
      start: async (folder) => {
        const port = await freePort();
        const args = [path.join(SCRIPTS, "fastapi_app.py"), onnx, String(port)];
        return await startServer({
          name: "fastapi",
          port,
          folder,
          command: bin("python", "python"),
          args,
          probe: "/ready",
        });
      },
    },
    {
      name: `MLServer ${versionOf("mlserver", "mlserver")}, onnxruntime ${versionOf("mlserver", "onnxruntime")}`,
      times: 20,
      path: "/v2/models/model/infer",
      body: { inputs: [tensor] },
      start: (folder) => startMlserver(folder, onnx),
    },
    {
      name: `mlflow models serve ${versionOf("python", "mlflow")}, scikit-learn ${versionOf("python", "scikit-learn")}`,
      times: 100,
      path: "/invocations",
      body: { dataframe_split: { columns: row.map((_, i) => `f${i}`), data: [row] } },
      start: async (folder) => {
        const port = await freePort();
        const source = path.join(MODELS, `${model}-mlflow`);
        const args = ["models", "serve", "-m", source, "-p", String(port), "--env-manager", "local", "--workers", "1"];
        // MLflow starts its server by name, so it must find that of its own environment.
        const environment = { PATH: `${path.join(CACHE, "python/bin")}:/usr/bin:/bin` };
        const command = bin("python", "mlflow");
        return await startServer({ name: "mlflow", port, folder, command, args, environment, probe: "/ping" });
      },
    },
  ];
}

/** One process, no access log, no workers beside it: what MLServer spends least with. */
async function startMlserver(folder: string, onnx: string): Promise<Server> {
  const [port, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const home = path.join(folder, "mlserver");
  mkdirSync(path.join(home, "model"), { recursive: true });
  copyFileSync(path.join(SCRIPTS, "mlserver_onnx.py"), path.join(home, "mlserver_onnx.py"));
  const settings = {
    debug: false,
    parallel_workers: 0,
    host: "127.0.0.1",
    http_port: port,
    grpc_port: grpc,
    metrics_port: metrics,
  };
  writeFileSync(path.join(home, "settings.json"), JSON.stringify(settings));
  const model = { name: "model", implementation: "mlserver_onnx.OnnxModel", parameters: { uri: onnx } };
  writeFileSync(path.join(home, "model/model-settings.json"), JSON.stringify(model));
  return await startServer({
    name: "mlserver",
    port,
    folder,
    command: bin("mlserver", "mlserver"),
    args: ["start", home],
    environment: { PYTHONPATH: home, PATH: `${path.join(CACHE, "mlserver/bin")}:/usr/bin:/bin` },
    probe: "/v2/models/model/ready",
  });
}

function run(command: string, args: readonly string[]): void {
  const result = spawnSync(command, args, { stdio: "inherit" });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}
