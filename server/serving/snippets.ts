import type { ModelSignature } from "#server/registry/contract.ts";
import { type EndpointSnippets, type ExampleInput, PREDICTION_PLACEHOLDER, TOKEN_PLACEHOLDER } from "./contract.ts";

export interface SnippetFacts {
  readonly servingUrl: string;
  readonly endpoint: string;
  readonly example: readonly ExampleInput[];
  readonly signature: Pick<ModelSignature, "task" | "classes">;
}

/** Calls of an endpoint that work when pasted, once the token's placeholder is filled: nothing to install for any of them. */
export function snippetsOf(facts: SnippetFacts): EndpointSnippets {
  const base = `${facts.servingUrl}/v2/models/${encodeURIComponent(facts.endpoint)}`;
  const infer = { inputs: facts.example.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data })) };
  const outcome = { outcomes: [{ id: PREDICTION_PLACEHOLDER, ...happened(facts.signature) }] };
  return {
    predict: [
      { language: "curl", code: curl(`${base}/infer`, infer) },
      { language: "Python", code: python(`${base}/infer`, infer, PYTHON_ANSWER) },
      { language: "TypeScript", code: typescript(`${base}/infer`, infer, TYPESCRIPT_ANSWER) },
    ],
    outcome: [
      { language: "curl", code: curl(`${base}/outcomes`, outcome) },
      { language: "Python", code: python(`${base}/outcomes`, outcome, "print(answer)") },
      { language: "TypeScript", code: typescript(`${base}/outcomes`, outcome, "console.log(await response.json());") },
    ],
  };
}

function happened({ task, classes }: SnippetFacts["signature"]): { label: string } | { value: number } {
  return task === "regression" ? { value: 1.5 } : { label: classes?.[0] ?? "label" };
}

function curl(url: string, body: object): string {
  // Inside single quotes a shell takes everything as it is, but for the quote itself.
  const quoted = lines(body, json, 0).replaceAll("'", String.raw`'\''`);
  return `curl -sS ${url} \\
  -H 'Authorization: Bearer ${TOKEN_PLACEHOLDER}' \\
  -H 'Content-Type: application/json' \\
  -d '${quoted}'
`;
}

const PYTHON_ANSWER = `print(answer["parameters"]["prediction_ids"])
for output in answer["outputs"]:
    print(output["name"], output["data"])`;

function python(url: string, body: object, act: string): string {
  return `import json
import urllib.error
import urllib.request

TOKEN = "${TOKEN_PLACEHOLDER}"
body = ${lines(body, pythonLiteral, 0)}
request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=json.dumps(body).encode(),
    headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
except urllib.error.HTTPError as error:
    raise SystemExit(error.read().decode())

${act}
`;
}

const TYPESCRIPT_ANSWER = `const answer = (await response.json()) as {
  parameters: { prediction_ids: string[] };
  outputs: { name: string; data: unknown[] }[];
};
console.log(answer.parameters.prediction_ids);
for (const { name, data } of answer.outputs) console.log(name, data);`;

function typescript(url: string, body: object, act: string): string {
  return `const token = "${TOKEN_PLACEHOLDER}";
const body = ${lines(body, json, 0)};
const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
if (!response.ok) throw new Error(await response.text());
${act}
`;
}

const json = (value: unknown): string => literal(value, { true: "true", false: "false", null: "null" });
/** Python's own words; its texts are written like JSON's. */
const pythonLiteral = (value: unknown): string => literal(value, { true: "True", false: "False", null: "None" });

function literal(value: unknown, words: Readonly<Record<"true" | "false" | "null", string>>): string {
  if (value === true) return words.true;
  if (value === false) return words.false;
  if (value === null) return words.null;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, words)).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner, words)}`);
  return `{${entries.join(", ")}}`;
}

/** An object over several lines: its lists of objects have a line for each. */
function lines(body: object, write: (value: unknown) => string, indent: number): string {
  const pad = " ".repeat(indent + 2);
  const entries = Object.entries(body).map(([key, value]) => {
    const isList = Array.isArray(value) && value.some((item) => typeof item === "object");
    if (!isList) return `${pad}${JSON.stringify(key)}: ${write(value)}`;
    const items = (value as unknown[]).map((item) => `${pad}  ${write(item)}`).join(",\n");
    return `${pad}${JSON.stringify(key)}: [\n${items}\n${pad}]`;
  });
  return `{\n${entries.join(",\n")}\n${" ".repeat(indent)}}`;
}
