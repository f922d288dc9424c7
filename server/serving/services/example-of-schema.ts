import type { JsonSchema } from "../contract.ts";

const DEEPEST = 6;

/**
 * A value that a JSON Schema describes, from its examples, defaults, constants and first choices; where it states none, the simplest of its type. Meant for
 * people to start from: a schema that only says what must not be may refuse it.
 */
export function exampleOfSchema(schema: JsonSchema | null, root: JsonSchema | null = schema, depth = 0): unknown {
  if (!schema || depth > DEEPEST) return null;
  const given = schema["examples"];
  if (Array.isArray(given) && given.length > 0) return given[0];
  for (const key of ["default", "const", "example"]) if (Object.hasOwn(schema, key)) return schema[key];
  const choices = schema["enum"];
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  const referred = referredBy(schema, root);
  if (referred) return exampleOfSchema(referred, root, depth + 1);
  for (const key of ["oneOf", "anyOf", "allOf"]) {
    const parts = schema[key];
    if (Array.isArray(parts) && isSchema(parts[0])) return exampleOfSchema(parts[0], root, depth + 1);
  }
  return exampleOfType(schema, root, depth);
}

function exampleOfType(schema: JsonSchema, root: JsonSchema | null, depth: number): unknown {
  const type = Array.isArray(schema["type"]) ? (schema["type"][0] as unknown) : schema["type"];
  const { properties } = schema as { properties?: unknown };
  if (type === "object" || isSchema(properties))
    return Object.fromEntries(
      Object.entries(isSchema(properties) ? properties : {}).flatMap(([name, inner]) =>
        isSchema(inner) ? [[name, exampleOfSchema(inner, root, depth + 1)]] : [],
      ),
    );
  if (type === "array") {
    const items = schema["items"];
    return isSchema(items) ? [exampleOfSchema(items, root, depth + 1)] : [];
  }
  if (type === "integer" || type === "number") return leastOf(schema);
  if (type === "boolean") return true;
  return type === "string" ? "text" : null;
}

function leastOf(schema: JsonSchema): number {
  for (const key of ["minimum", "exclusiveMinimum"]) {
    const least = schema[key];
    if (typeof least === "number") return key === "minimum" ? least : least + 1;
  }
  return 0;
}

function referredBy(schema: JsonSchema, root: JsonSchema | null): JsonSchema | null {
  const name = /^#\/\$defs\/(.+)$/.exec(typeof schema["$ref"] === "string" ? schema["$ref"] : "")?.[1];
  const definitions = root?.["$defs"];
  const found = name !== undefined && isSchema(definitions) ? definitions[name] : undefined;
  return isSchema(found) ? found : null;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
