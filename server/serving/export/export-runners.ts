// What goes with an exported version, as text: it runs beside the model, far from this platform, on nothing but ONNX Runtime.

/** What the Node runner needs, pinned. */
export const PACKAGE_JSON = `{
  "private": true,
  "type": "module",
  "engines": { "node": ">=20" },
  "dependencies": { "onnxruntime-node": "1.30.0" }
}
`;

/** What the Python runner needs, pinned. */
export const REQUIREMENTS = `numpy==2.2.6 ; python_full_version < '3.11'
numpy==2.4.6 ; python_full_version >= '3.11'
onnxruntime==1.23.2 ; python_full_version < '3.11'
onnxruntime==1.31.1 ; python_full_version >= '3.11'
`;

/** The runner for Node: a prediction per row, one JSON line each, as the endpoint's plain form gives it. */
export const RUN_MJS = `// node run.mjs rows.json  prints a prediction for each row of [{"input": value, …}, …]; null is a missing value. Without a file: standard input.
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";

const read = (file) => readFileSync(new URL(file, import.meta.url));
const { inputs, classes, positive, roles } = JSON.parse(read("signature.json"));
const given = JSON.parse(readFileSync(process.argv[2] ?? 0));
const rows = [given.features ?? given].flat();
const float = (value) => value ?? NaN;
const KINDS = {
  FP32: ["float32", Float32Array, float], FP64: ["float64", Float64Array, float], INT32: ["int32", Int32Array, Number],
  INT64: ["int64", BigInt64Array, BigInt], BOOL: ["bool", Uint8Array, Number], BYTES: ["string", Array, (value) => value ?? ""],
};
const feeds = {};
for (const { name, datatype, shape } of inputs) {
  const [type, List, fit] = KINDS[datatype];
  if (!rows.every((row) => name in row)) throw new Error(\`every row needs '\${name}'\`);
  feeds[name] = new Tensor(type, List.from(rows.map((row) => row[name]).flat(9), (value) => fit(value)), [rows.length, ...shape.slice(1)]);
}
const session = await InferenceSession.create(read("model.onnx"));
const results = await session.run(feeds);
const of = (name, row) => {
  const width = results[name].data.length / rows.length;
  return Array.from(results[name].data.slice(row * width, (row + 1) * width), (value) => (typeof value === "bigint" ? Number(value) : value));
};
rows.forEach((_, row) => {
  const names = Object.entries(roles).length > 0 ? Object.entries(roles) : session.outputNames.map((name) => [name, name]);
  const prediction = Object.fromEntries(names.map(([key, name]) => [key, of(name, row).length > 1 ? of(name, row) : of(name, row)[0]]));
  if (roles.probabilities && classes) {
    const p = of(roles.probabilities, row);
    if (p.length === 1) p.splice(0, 1, ...(positive === classes[0] ? [p[0], 1 - p[0]] : [1 - p[0], p[0]]));
    prediction.probabilities = Object.fromEntries(classes.map((name, i) => [name, p[i]]));
    prediction.label ??= classes[p.indexOf(Math.max(...p))];
  }
  console.log(JSON.stringify(prediction));
});
`;

/** The same for Python. */
export const RUN_PY = `"""python run.py rows.json  prints a prediction for each row of [{"input": value, …}, …]; null is a missing value. Without a file: standard input."""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).parent
signature = json.loads((HERE / "signature.json").read_text())
given = json.loads(Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.read())
given = given.get("features", given) if isinstance(given, dict) else given
rows = given if isinstance(given, list) else [given]
KINDS = {f"{kind}{bits}": f"{name}{bits}" for kind, name in (("FP", "float"), ("INT", "int"), ("UINT", "uint")) for bits in (8, 16, 32, 64)}
KINDS |= {"BOOL": "bool", "BYTES": "object"}

feeds = {}
for tensor in signature["inputs"]:
    kind = KINDS[tensor["datatype"]]
    missing = "" if kind == "object" else np.nan
    values = [missing if row[tensor["name"]] is None else row[tensor["name"]] for row in rows]
    feeds[tensor["name"]] = np.array(values, dtype=kind).reshape(len(rows), *tensor["shape"][1:])
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
results = dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))
roles, classes = signature["roles"], signature["classes"]
for row in range(len(rows)):
    names = roles or {name: name for name in results}
    lists = {key: results[name][row].reshape(-1).tolist() if hasattr(results[name][row], "reshape") else [results[name][row]] for key, name in names.items()}
    prediction = {key: values[0] if len(values) == 1 else values for key, values in lists.items()}
    if "probabilities" in roles and classes:
        p = lists["probabilities"]
        p = p if len(p) > 1 else [p[0], 1 - p[0]] if signature["positive"] == classes[0] else [1 - p[0], p[0]]
        prediction["probabilities"] = dict(zip(classes, p))
        prediction.setdefault("label", classes[p.index(max(p))])
    print(json.dumps(prediction, ensure_ascii=False))
`;

/** An image that answers rows on standard input. */
export const CONTAINERFILE = `# podman build -t model .     then: podman run -i --rm model < rows.json
FROM docker.io/library/node:24-slim
WORKDIR /model
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json ./
RUN npm install --omit=dev --no-audit --no-fund
COPY model.onnx signature.json run.mjs ./
USER node
ENTRYPOINT ["node", "run.mjs"]
`;
