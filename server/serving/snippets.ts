import type { ModelSignature } from "#server/registry/contract.ts";
import {
  type EndpointSnippets,
  type ExampleInput,
  PREDICTION_PLACEHOLDER,
  type Snippet,
  TOKEN_PLACEHOLDER,
} from "./contract.ts";
import { bodyText, requestForms } from "./request-forms.ts";

export interface SnippetFacts {
  readonly servingUrl: string;
  readonly endpoint: string;
  readonly example: readonly ExampleInput[];
  readonly signature: Pick<ModelSignature, "task" | "classes">;
}

/** Calls of an endpoint that work when pasted, once the token's placeholder is filled: nothing to install for any of them. */
export function snippetsOf(facts: SnippetFacts): EndpointSnippets {
  const { servingUrl, endpoint, example, signature } = facts;
  const outcomes = {
    url: `${servingUrl}/v2/models/${encodeURIComponent(endpoint)}/outcomes`,
    type: "application/json",
    body: { outcomes: [{ id: PREDICTION_PLACEHOLDER, ...happened(signature) }] },
  };
  return {
    forms: requestForms(endpoint, example).map((form) => ({
      id: form.id,
      title: form.title,
      hint: form.hint,
      path: form.path,
      body: bodyText(form),
      snippets: inEachLanguage(
        { url: servingUrl + form.path, type: form.contentType, body: form.body },
        form.id === "open-inference" ? TENSORS : PREDICTIONS,
      ),
    })),
    outcome: inEachLanguage(outcomes, { python: "print(answer)", typescript: "console.log(await response.json());" }),
  };
}

interface Request {
  readonly url: string;
  readonly type: string;
  readonly body: object | string;
}
/** What is done with the answer. */
interface Act {
  readonly python: string;
  readonly typescript: string;
}

function inEachLanguage(request: Request, act: Act): Snippet[] {
  return [
    { language: "curl", code: curl(request) },
    { language: "Python", code: python(request, act.python) },
    { language: "TypeScript", code: typescript(request, act.typescript) },
  ];
}

function happened({ task, classes }: SnippetFacts["signature"]): { label: string } | { value: number } {
  return task === "regression" ? { value: 1.5 } : { label: classes?.[0] ?? "label" };
}

function curl({ url, type, body }: Request): string {
  // Inside single quotes a shell takes everything as it is, but for the quote itself.
  const quoted = (typeof body === "string" ? body : lines(body, json, 0)).replaceAll("'", String.raw`'\''`);
  return `curl -sS ${url} \\
  -H 'Authorization: Bearer ${TOKEN_PLACEHOLDER}' \\
  -H 'Content-Type: ${type}' \\
  --data-binary '${quoted}'
`;
}

const TENSORS: Act = {
  python: `print(answer["parameters"]["prediction_ids"])
for output in answer["outputs"]:
    print(output["name"], output["data"])`,
  typescript: `const answer = (await response.json()) as {
  parameters: { prediction_ids: string[] };
  outputs: { name: string; data: unknown[] }[];
};
console.log(answer.parameters.prediction_ids);
for (const { name, data } of answer.outputs) console.log(name, data);`,
};
const PREDICTIONS: Act = {
  python: `for prediction in answer["predictions"]:
    print(prediction)
print(answer.get("prediction_ids", ""))`,
  typescript: `const answer = (await response.json()) as { predictions: unknown[]; prediction_ids?: string[] };
for (const prediction of answer.predictions) console.log(prediction);
console.log(answer.prediction_ids ?? "");`,
};

function python({ url, type, body }: Request, act: string): string {
  const isText = typeof body === "string";
  return `import json
import urllib.error
import urllib.request

TOKEN = "${TOKEN_PLACEHOLDER}"
body = ${isText ? JSON.stringify(body) : lines(body, pythonLiteral, 0)}
request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=${isText ? "body.encode()" : "json.dumps(body).encode()"},
    headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "${type}"},
)
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
except urllib.error.HTTPError as error:
    raise SystemExit(error.read().decode())

${act}
`;
}

function typescript({ url, type, body }: Request, act: string): string {
  const isText = typeof body === "string";
  return `const token = "${TOKEN_PLACEHOLDER}";
const body = ${isText ? JSON.stringify(body) : lines(body, json, 0)};
const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "${type}" },
  body: ${isText ? "body" : "JSON.stringify(body)"},
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
