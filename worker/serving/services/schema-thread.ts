import { isMainThread, parentPort, workerData } from "node:worker_threads";
import addFormats from "ajv-formats";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Issue } from "./issue.ts";

/** What the thread is asked: whether a value, as JSON text, is what the named schema says. */
export interface CheckRequest {
  readonly id: number;
  readonly schema: "input" | "output";
  readonly json: string;
}

/** Its answer; the first message has id 0: the schemas are compiled, or why they are not. */
export interface CheckAnswer {
  readonly id: number;
  readonly issues?: readonly Issue[];
  readonly error?: string;
}

/** More would help nobody. */
const MOST_ISSUES = 20;

if (!isMainThread && parentPort) serve(parentPort, workerData as { input: object; output: object });

function serve(port: NonNullable<typeof parentPort>, schemas: { input: object; output: object }): void {
  let compiled: Record<CheckRequest["schema"], ValidateFunction>;
  try {
    compiled = { input: compile("input", schemas.input), output: compile("output", schemas.output) };
  } catch (error) {
    port.postMessage({ id: 0, error: error instanceof Error ? error.message : String(error) } satisfies CheckAnswer);
    port.close();
    return;
  }
  port.on("message", ({ id, schema, json }: CheckRequest) => {
    const value: unknown = JSON.parse(json);
    const check = compiled[schema];
    const issues = check(value) ? [] : (check.errors ?? []).slice(0, MOST_ISSUES).map(issueOf);
    port.postMessage({ id, issues } satisfies CheckAnswer);
  });
  port.postMessage({ id: 0 } satisfies CheckAnswer);
}

/** Throws an Error that says which schema is wrong and how. */
function compile(name: string, schema: object): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, validateFormats: true });
  addFormats(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new Error(
      `${name} is no JSON Schema (2020-12) that stands alone: ${String(error instanceof Error ? error.message : error)}`,
    );
  }
}

function issueOf(error: ErrorObject): Issue {
  const { keyword, instancePath, data, message = "is wrong" } = error;
  const params = error.params as Record<string, unknown>;
  const at = fieldOf(instancePath);
  if (keyword === "required") {
    const field = join(at, String(params["missingProperty"]));
    return { field, message: "is missing", remedy: "Add it." };
  }
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
    const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
    return { field: join(at, name), message: "is not known", remedy: "Leave it out, or correct its name." };
  }
  return { field: at === "" ? "the body" : at, value: short(data), message, remedy: remedyOf(keyword, params) };
}

function remedyOf(keyword: string, params: Readonly<Record<string, unknown>>): string {
  if (keyword === "type") return `Send ${[params["type"]].flat().map(String).join(" or ")}.`;
  if (keyword === "enum") return `Send one of ${JSON.stringify(params["allowedValues"])}.`;
  if (keyword === "const") return `Send ${JSON.stringify(params["allowedValue"])}.`;
  if (keyword === "format") return `Write it as ${String(params["format"])}.`;
  return "See the schema in the service's OpenAPI document.";
}

/** A JSON pointer as people write it: /customer/items/2/price is customer.items[2].price. */
function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), "");
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function short(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text.length <= 200 ? value : `${text.slice(0, 197)}…`;
}
