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

/** The runner for Node: a prediction per row, one JSON line each, as the endpoint's plain form gives it, and refused where that refuses. */
export const RUN_MJS = `// node run.mjs rows.json  prints a prediction for each row of [{"input": value, …}, …]; null is a missing value. Without a file: standard input.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

// Or ONNX Runtime tells its maker of every session. It looks when it is loaded.
process.env.ORT_DISABLE_TELEMETRY ??= "1";
const { InferenceSession, Tensor } = await import("onnxruntime-node");
const read = (file) => readFileSync(new URL(file, import.meta.url));
const { inputs, outputs, classes, positive, roles } = JSON.parse(read("signature.json"));
// As a stream: a pipe into a container may have nothing to read yet, which reading it as a file takes for an error.
const given = JSON.parse(process.argv[2] === undefined ? await text(process.stdin) : readFileSync(process.argv[2]));
const rows = [given.features ?? given].flat();
const fail = (reason) => {
  console.error(reason);
  process.exit(1);
};
const float = (bits, List, most) => [\`float\${bits}\`, List, \`a number within ±\${most}\`, (v) => typeof v === "number" && Math.abs(v) <= most, (v) => v ?? NaN];
const whole = (type, List, min, max, store = Number) => [type, List, \`a whole number from \${min} to \${max}\`, (v) => Number.isInteger(v) && v >= min && v <= max, store];
const SAFE = Number.MAX_SAFE_INTEGER; // beyond it a number of JSON has lost digits
// ONNX Runtime's word, the array, which values a row may hold, and how one is stored: a missing number as NaN, a missing text as an empty one.
const KINDS = {
  FP16: float(16, globalThis.Float16Array, 65504), FP32: float(32, Float32Array, 3.4028234663852886e38), FP64: float(64, Float64Array, Number.MAX_VALUE),
  INT8: whole("int8", Int8Array, -128, 127), INT16: whole("int16", Int16Array, -32768, 32767), INT32: whole("int32", Int32Array, -2147483648, 2147483647),
  UINT8: whole("uint8", Uint8Array, 0, 255), UINT16: whole("uint16", Uint16Array, 0, 65535), UINT32: whole("uint32", Uint32Array, 0, 4294967295),
  INT64: whole("int64", BigInt64Array, -SAFE, SAFE, BigInt), UINT64: whole("uint64", BigUint64Array, 0, SAFE, BigInt),
  BOOL: ["bool", Uint8Array, "true or false", (v) => typeof v === "boolean", Number],
  BYTES: ["string", Array, "a text", (v) => typeof v === "string", (v) => v ?? ""],
};
for (const { name, datatype } of [...inputs, ...outputs]) {
  if (!KINDS[datatype]) fail(\`'\${name}' is \${datatype}, which nothing here runs; cast it to FP32 inside the model\`);
  if (!KINDS[datatype][1]) fail(\`'\${name}' is \${datatype}, for which Node has an array from version 24 on; run it with that, or run.py\`);
}
const feeds = {};
for (const { name, datatype, shape } of inputs) {
  const [type, List, expected, fits, store] = KINDS[datatype];
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const canLack = datatype.startsWith("FP") || datatype === "BYTES";
  const values = rows.flatMap((row, i) => {
    const cells = [row[name]].flat(9);
    if (!(name in row)) fail(\`rows[\${i}] needs '\${name}'\`);
    if (cells.length !== width) fail(\`rows[\${i}].\${name}: expected \${width} values, got \${cells.length}\`);
    const wrong = cells.find((value) => !(value === null ? canLack : fits(value)));
    if (wrong !== undefined) fail(\`rows[\${i}].\${name}: expected \${expected}, got \${JSON.stringify(wrong)}\`);
    return cells;
  });
  const data = List.from(values, (value) => store(value));
  feeds[name] = new Tensor(type, data, [rows.length, ...shape.slice(1)]);
  // The native part of this release sees no values in a Float16Array, but takes the same bytes as whole numbers.
  if (datatype === "FP16") Object.defineProperty(feeds[name], "data", { value: new Uint16Array(data.buffer) });
}
const session = await InferenceSession.create(read("model.onnx"));
const results = await session.run(feeds);
const isBool = new Set(outputs.filter(({ datatype }) => datatype === "BOOL").map(({ name }) => name));
const of = (name, row) => {
  const width = results[name].data.length / rows.length;
  return Array.from(results[name].data.slice(row * width, (row + 1) * width), (value) => (isBool.has(name) ? value === 1 : value));
};
// With all digits of a 64-bit number, which JSON.stringify does not write.
const json = (value) => {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) fail(\`the model answers \${value}, which is no number: a value is missing, or far from what it was trained on\`);
  if (Array.isArray(value)) return \`[\${value.map(json)}]\`;
  if (typeof value !== "object") return JSON.stringify(value);
  return \`{\${Object.entries(value).map(([key, part]) => \`\${JSON.stringify(key)}:\${json(part)}\`)}}\`;
};
const hasMeaning = Object.keys(roles).length > 0;
rows.forEach((_, row) => {
  const names = hasMeaning ? Object.entries(roles) : session.outputNames.map((name) => [name, name]);
  const prediction = Object.fromEntries(names.map(([key, name]) => [key, of(name, row).length > 1 ? of(name, row) : of(name, row)[0]]));
  if (roles.probabilities && classes) {
    const p = of(roles.probabilities, row);
    if (p.length === 1) p.splice(0, 1, ...(positive === classes[0] ? [p[0], 1 - p[0]] : [1 - p[0], p[0]]));
    prediction.probabilities = Object.fromEntries(classes.map((name, i) => [name, p[i]]));
    prediction.label ??= classes[p.indexOf(Math.max(...p))];
  }
  console.log(json(hasMeaning ? prediction : { outputs: prediction }));
});
`;

/** The same for Python. */
export const RUN_PY = `"""python run.py rows.json  prints a prediction for each row of [{"input": value, …}, …]; null is a missing value. Without a file: standard input."""
import json
import math
import os
import sys
from pathlib import Path

# Or ONNX Runtime tells its maker of every session. It looks when it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import numpy as np
import onnxruntime

HERE = Path(__file__).parent
signature = json.loads((HERE / "signature.json").read_text())
given = json.loads(Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.read())
given = given.get("features", given) if isinstance(given, dict) else given
rows = given if isinstance(given, list) else [given]
KINDS = {f"FP{bits}": f"float{bits}" for bits in (16, 32, 64)}
KINDS |= {f"{kind}{bits}": f"{kind.lower()}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)}
KINDS |= {"BOOL": "bool", "BYTES": "object"}


def cells(value):
    return [cell for part in value for cell in cells(part)] if isinstance(value, list) else [value]


def stored(value, kind, place):
    """A value as numpy takes it: a missing number as NaN, a missing text as an empty one. numpy itself would turn 1.5 into 1 and a missing value into True."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "object":
        expected, fits = "a text", value is None or isinstance(value, str)
    elif kind == "bool":
        expected, fits = "true or false", isinstance(value, bool)
    elif kind.startswith("float"):
        most = float(np.finfo(kind).max)
        expected, fits = f"a number within ±{most}", value is None or (is_number and abs(value) <= most)
    else:
        # Beyond 2^53 a number of JSON has lost digits wherever else it is read.
        least, most = max(np.iinfo(kind).min, 1 - 2**53), min(np.iinfo(kind).max, 2**53 - 1)
        expected, fits = f"a whole number from {least} to {most}", is_number and value == value // 1 and least <= value <= most
    if not fits:
        sys.exit(f"{place}: expected {expected}, got {json.dumps(value, ensure_ascii=False)}")
    if value is None:
        return "" if kind == "object" else math.nan
    return value


feeds = {}
for tensor in signature["inputs"]:
    name, datatype, shape = tensor["name"], tensor["datatype"], tensor["shape"][1:]
    if datatype not in KINDS:
        sys.exit(f"'{name}' is {datatype}, which nothing here runs; cast it to FP32 inside the model")
    values = []
    for i, row in enumerate(rows):
        if name not in row:
            sys.exit(f"rows[{i}] needs '{name}'")
        found = cells(row[name])
        if len(found) != math.prod(shape):
            sys.exit(f"rows[{i}].{name}: expected {math.prod(shape)} values, got {len(found)}")
        values += [stored(value, KINDS[datatype], f"rows[{i}].{name}") for value in found]
    feeds[name] = np.array(values, dtype=KINDS[datatype]).reshape(len(rows), *shape)
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
results = dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))
roles, classes = signature["roles"], signature["classes"]
for row in range(len(rows)):
    names = roles or {name: name for name in results}
    lists = {key: results[name][row].reshape(-1).tolist() if hasattr(results[name][row], "reshape") else [results[name][row]] for key, name in names.items()}
    for number in (value for values in lists.values() for value in values if isinstance(value, float)):
        if not math.isfinite(number):
            sys.exit(f"the model answers {number}, which is no number: a value is missing, or far from what it was trained on")
    prediction = {key: values[0] if len(values) == 1 else values for key, values in lists.items()}
    if "probabilities" in roles and classes:
        p = lists["probabilities"]
        p = p if len(p) > 1 else [p[0], 1 - p[0]] if signature["positive"] == classes[0] else [1 - p[0], p[0]]
        prediction["probabilities"] = dict(zip(classes, p))
        prediction.setdefault("label", classes[p.index(max(p))])
    print(json.dumps(prediction if roles else {"outputs": prediction}, ensure_ascii=False))
`;

/** An image that answers rows on standard input. */
export const CONTAINERFILE = `# podman build -t model .     then: podman run -i --rm model < rows.json
FROM docker.io/library/node:24-slim
WORKDIR /model
ENV ONNXRUNTIME_NODE_INSTALL=skip ORT_DISABLE_TELEMETRY=1
COPY package.json ./
# Without the libraries of other systems, which are two thirds of what is installed.
RUN npm install --omit=dev --no-audit --no-fund && rm -r node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32
COPY model.onnx signature.json run.mjs ./
USER node
ENTRYPOINT ["node", "run.mjs"]
`;
