/** A part of an OpenAPI document. */
export type Schema = Record<string, unknown>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const array = (items: Schema): Schema => ({ type: "array", items });

export function object(required: readonly string[], properties: Record<string, Schema>): Schema {
  return { type: "object", required, properties };
}

const KEY: Schema = { type: ["string", "integer"], maxLength: 256 };

/** Of whom a request speaks. */
export const ENTITY_KEY: Schema = {
  description:
    "Of whom it speaks, for all rows or one per row: the same entity is answered by the same version, and outcomes may be told by it. The header X-Entity-Key says the same of all rows",
  oneOf: [KEY, { type: "array", items: KEY }],
};

/** Who answered: members of every answer. */
export const ANSWERED_BY: Record<string, Schema> = {
  arm: { enum: ["champion", "canary", "ab", "fallback"], description: "In which role it answered" },
  version: { type: "string", description: "The version that answered; none when it is the fallback" },
  fallback: { const: true, description: "Present when no version could answer and these are the declared values" },
};

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
