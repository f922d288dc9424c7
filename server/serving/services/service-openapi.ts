import type { JsonSchema } from "../contract.ts";
import { exampleOfSchema } from "./example-of-schema.ts";

/** What an OpenAPI document says of a service. */
export interface ServiceFacts {
  readonly name: string;
  readonly description: string;
  readonly publication: number;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

const ERROR = {
  type: "object",
  required: ["error", "request_id"],
  properties: {
    error: { type: "string", description: "What is wrong and what to do, in a sentence." },
    request_id: { type: "string" },
    issues: {
      type: "array",
      description: "Each wrong field of the request.",
      items: {
        type: "object",
        required: ["field", "message", "remedy"],
        properties: {
          field: { type: "string", description: "Where it stands, as customer.items[2].price." },
          value: { description: "What was sent there." },
          message: { type: "string" },
          remedy: { type: "string" },
        },
      },
    },
  },
};

/** The OpenAPI 3.1 document of one service: its schemas are those that its code states, made references of the document's own. */
export function serviceOpenApi(facts: ServiceFacts, servingUrl: string): unknown {
  const { name, description, publication, input, output } = facts;
  const error = (text: string) => ({
    description: text,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  });
  return {
    openapi: "3.1.0",
    info: {
      title: name,
      version: String(publication),
      ...(description === "" ? {} : { description }),
    },
    servers: [{ url: servingUrl }],
    security: [{ token: [] }],
    paths: {
      [`/services/${name}`]: {
        post: {
          operationId: "call",
          summary: `Ask ${name}`,
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: { $ref: "#/components/schemas/Input" },
                examples: { example: { value: exampleOfSchema(input) } },
              },
            },
          },
          responses: {
            "200": {
              description: "The answer.",
              headers: {
                "X-Request-Id": { description: "Names this call in the log.", schema: { type: "string" } },
                "X-Publication": { description: "The publication that answered.", schema: { type: "integer" } },
              },
              content: { "application/json": { schema: { $ref: "#/components/schemas/Output" } } },
            },
            "400": error("The request is not what the schema says, or the service refuses it."),
            "401": error("No valid token."),
            "403": error("The token may not ask for predictions in this project."),
            "404": error("There is no such service."),
            "413": error("The body is too large."),
            "429": error("Too many requests are under way; Retry-After says when to come again."),
            "500": error("The service's code failed."),
            "502": error("The service answered what its own schema does not allow."),
            "503": error("It is stopped, or its process is being started."),
            "504": error("It took too long."),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "A token with the scope serving:predict." },
      },
      schemas: { Input: placed(input, "Input"), Output: placed(output, "Output"), Error: ERROR },
    },
  };
}

/** A schema whose references into itself are references into the document that it stands in. */
function placed(schema: JsonSchema, name: string): unknown {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]: [string, unknown]) =>
        key === "$ref" && typeof inner === "string" && inner.startsWith("#")
          ? [key, `#/components/schemas/${name}${inner.slice(1)}`]
          : [key, walk(inner)],
      ),
    );
  };
  const { $schema: _, $id: __, ...rest } = schema;
  return walk(rest);
}
