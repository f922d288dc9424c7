/** A part of an OpenAPI document. */
export type Schema = Record<string, unknown>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const array = (items: Schema): Schema => ({ type: "array", items });

export function object(required: readonly string[], properties: Record<string, Schema>): Schema {
  return { type: "object", required, properties };
}

/** A body, with examples by name. */
export function content(type: string, schema: Schema, examples: Record<string, unknown> = {}): Schema {
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return { [type]: named.length > 0 ? { schema, examples: Object.fromEntries(named) as Schema } : { schema } };
}

/** The JSON type of one value of a tensor. */
export function valueSchema(datatype: string): Schema {
  if (datatype === "BYTES") return { type: "string" };
  if (datatype === "BOOL") return { type: "boolean" };
  return { type: datatype.startsWith("FP") ? "number" : "integer" };
}
