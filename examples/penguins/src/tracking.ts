// Experiment tracking over the MLflow REST API, with nothing but fetch. Reads MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, as MLflow's own clients do.

export interface Point {
  key: string;
  value: number;
  step: number;
}

export interface DatasetInput {
  name: string;
  digest: string;
  source: string;
  context: "training" | "evaluation";
  rows: number;
}

interface RunInfo {
  run_id: string;
  artifact_uri: string;
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const base = process.env["MLFLOW_TRACKING_URI"]?.replace(/\/$/, "");
  const token = process.env["MLFLOW_TRACKING_TOKEN"];
  if (!base) throw new Error("Set MLFLOW_TRACKING_URI (and MLFLOW_TRACKING_TOKEN) to the server that keeps the runs.");
  const isFile = body instanceof Blob;
  const headers: Record<string, string> = { "content-type": isFile ? "application/octet-stream" : "application/json" };
  if (token) headers["authorization"] = `Bearer ${token}`;
  const request: RequestInit = { method, headers };
  if (body !== undefined) request.body = isFile ? body : JSON.stringify(body);
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(base + path, request).catch(
      (cause: unknown) => new Error(`${base} does not answer`, { cause }),
    );
    const passing = response instanceof Error || [429, 502, 503, 504].includes(response.status);
    if (!passing) return response;
    if (attempt === 4)
      throw response instanceof Error ? response : new Error(`${path}: ${response.status} ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
  }
}

async function post(path: string, body: unknown): Promise<any> {
  const response = await call("POST", `/api/2.0/mlflow/${path}`, body);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function experimentId(): Promise<string> {
  const name = process.env["MLFLOW_EXPERIMENT_NAME"];
  if (!name) return "0";
  const found = await call(
    "GET",
    `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
  );
  if (found.ok) return (await found.json()).experiment.experiment_id;
  if (found.status !== 404) throw new Error(`experiments/get-by-name: ${found.status} ${await found.text()}`);
  return (await post("experiments/create", { name })).experiment_id;
}

/** One tracked run. `track` makes and ends it. */
export class Run {
  readonly id: string;
  readonly #artifacts: string;

  constructor(info: RunInfo) {
    this.id = info.run_id;
    // mlflow-artifacts:/1/<run>/artifacts, or with a host: the path behind it is what the artifact routes take.
    this.#artifacts = info.artifact_uri
      .replace(/^mlflow-artifacts:(\/\/[^/]*)?\/+/, "")
      .replace(/^api\/2\.0\/mlflow-artifacts\/artifacts\//, "");
  }

  async params(params: Record<string, string | number>): Promise<void> {
    await post("runs/log-batch", {
      run_id: this.id,
      params: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
    });
  }

  /** A curve or several: at most 1,000 points go into one request. */
  async curves(points: Point[]): Promise<void> {
    const timestamp = Date.now();
    for (let i = 0; i < points.length; i += 1000)
      await post("runs/log-batch", {
        run_id: this.id,
        metrics: points.slice(i, i + 1000).map((p) => ({ ...p, timestamp })),
      });
  }

  async metric(key: string, value: number): Promise<void> {
    await post("runs/log-metric", { run_id: this.id, key, value, timestamp: Date.now(), step: 0 });
  }

  async input(dataset: DatasetInput): Promise<void> {
    const { name, digest, source, context, rows } = dataset;
    const described = {
      name,
      digest,
      source_type: "local",
      source: JSON.stringify({ uri: source }),
      profile: JSON.stringify({ num_rows: rows }),
    };
    await post("runs/log-inputs", {
      run_id: this.id,
      datasets: [{ tags: [{ key: "mlflow.data.context", value: context }], dataset: described }],
    });
  }

  async artifact(path: string, bytes: Uint8Array): Promise<void> {
    const response = await call(
      "PUT",
      `/api/2.0/mlflow-artifacts/artifacts/${this.#artifacts}/${path}`,
      new Blob([Uint8Array.from(bytes)]),
    );
    if (!response.ok) throw new Error(`artifact ${path}: ${response.status} ${await response.text()}`);
  }
}

/** A run that exists already, to add what a later step found out. It takes no artifacts. */
export function resume(id: string): Run {
  return new Run({ run_id: id, artifact_uri: "" });
}

/** Makes a run, does the work, and ends the run: FINISHED, or FAILED when the work throws. */
export async function track<T>(name: string, work: (run: Run) => Promise<T>): Promise<T> {
  const created = await post("runs/create", {
    experiment_id: await experimentId(),
    run_name: name,
    start_time: Date.now(),
  });
  const run = new Run(created.run.info);
  const end = (status: "FINISHED" | "FAILED") => post("runs/update", { run_id: run.id, status, end_time: Date.now() });
  try {
    const result = await work(run);
    await end("FINISHED");
    return result;
  } catch (error) {
    await end("FAILED").catch(() => undefined);
    throw error;
  }
}
