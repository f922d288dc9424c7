import { z } from "zod";
import { parseDuration, parseSize } from "./quantities.ts";
import { RETRY_CAUSES } from "./spec.ts";

const MAX_DURATION_MS = 7 * 86_400_000;
const MIN_MEMORY = 16 * 2 ** 20;

const STEP_ID = /^[a-z][a-z0-9-]{0,62}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const nameRule = "starts with a letter and holds only letters, digits, hyphens and underscores (63 at most)";

const Slug = z
  .string("must be a text")
  .regex(STEP_ID, "must be lower-case letters, digits and hyphens, starting with a letter");
const Name = z.string().regex(NAME, `is no name: a name ${nameRule}`);
const StepId = z
  .string()
  .regex(STEP_ID, "is no name for a step: use lower-case letters, digits and hyphens, starting with a letter");
const Text = z.string("must be a text").min(1, "must not be empty");
const Scalar = z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false");

const Duration = z
  .string("must be a duration such as 90s, 10m or 2h")
  .refine((text) => parseDuration(text) !== null, "must be a duration such as 90s, 10m or 2h")
  .refine((text) => (parseDuration(text) ?? 1) > 0, "must be longer than nothing")
  .refine((text) => (parseDuration(text) ?? 0) <= MAX_DURATION_MS, "must be at most 7d")
  .meta({ pattern: "^\\d+(\\.\\d+)?(ms|s|m|h|d)$" });
const Size = z
  .string("must be a size such as 512Mi or 2Gi")
  .refine((text) => parseSize(text) !== null, "must be a size such as 512Mi or 2Gi")
  .refine((text) => (parseSize(text) ?? MIN_MEMORY) >= MIN_MEMORY, "must be at least 16Mi")
  .meta({ pattern: "^\\d+(\\.\\d+)?(Ki|Mi|Gi|Ti)$" });

const RelativePath = Text.refine(
  (path) => !path.startsWith("/") && !path.includes("\\") && !path.split("/").includes(".."),
  "must be a path inside the step's working directory: relative, without ..",
).refine((path) => path.split("/").some((part) => part !== "" && part !== "."), "must name a file or folder");

const Count = z
  .number("must be a number")
  .int("must be a whole number")
  .min(0, "must not be negative")
  .max(20, "must be at most 20");
const Retries = z
  .union(
    [
      Count,
      z.strictObject({
        max: Count,
        backoff: Duration.optional(),
        on: z
          .array(z.enum(RETRY_CAUSES, `must be one of ${RETRY_CAUSES.join(", ")}`), "must be a list")
          .min(1, "must name at least one cause")
          .optional(),
      }),
    ],
    "must be a number of further attempts, or {max, backoff, on}",
  )
  .describe("Further attempts. A bare number n means {max: n, backoff: 1s, on: [lost, oom]}.");

const Resources = z.strictObject(
  {
    cpu: z
      .number("must be a number of processors")
      .gt(0, "must be more than 0")
      .max(256, "must be at most 256")
      .optional(),
    memory: Size.optional(),
  },
  "must be {cpu, memory}",
);

const Bound = z.union(
  [z.number(), z.string().regex(/^\$\{params\.[A-Za-z][A-Za-z0-9_-]*\}$/)],
  "must be a number, or ${" + "params.x}",
);

const Gate = z
  .strictObject(
    {
      output: Name.describe("The JSON output that holds the metric."),
      metric: Text.describe("Its key; dots descend."),
      min: Bound.optional(),
      max: Bound.optional(),
    },
    "must be {output, metric, min, max}",
  )
  .refine((gate) => gate.min !== undefined || gate.max !== undefined, "has no bound: give min, max or both");

const ColumnList = z.array(Text, "must be a list of columns");
/** Which keys belong to which built-in step is said after the shape, with the step's name. */
const With = z.strictObject(
  {
    model: Text.describe("register: <step>.<output>; score: the registered model."),
    name: Text.optional().describe("register: the registered model."),
    version: z
      .union([Text, z.number().int().min(1)], "must be a number, '@<alias>' or 'latest'")
      .optional()
      .describe("score: a number, '@<alias>' or 'latest'; without it @champion."),
    into: Text.optional().describe("score: the dataset that gets the predictions as its next version."),
    keep: ColumnList.optional().describe("score: columns to carry over; all of them without it."),
    features: ColumnList.optional().describe("score: for a model of one tensor, its columns in order."),
    prefix: Text.optional().describe("score: begins the names of the new columns; without it predicted_."),
  },
  "must be a map: {model, name} for register, {model, into, …} for score",
);

export const StepShape = z.strictObject(
  {
    run: Text.optional().describe("One command line, split into words by POSIX quoting; no shell."),
    uses: z.enum(["register", "score"], "must be 'register' or 'score', the built-in steps there are").optional(),
    needs: z.array(Text, "must be a list of steps").optional(),
    inputs: z.record(Name, Text, "must be a map of names to references").optional(),
    outputs: z.record(Name, RelativePath, "must be a map of names to paths").optional(),
    matrix: z
      .record(
        Name,
        z.array(Scalar, "must be a list of values").min(1, "must not be empty"),
        "must be a map of names to lists",
      )
      .refine((matrix) => Object.keys(matrix).length > 0, "must have at least one dimension")
      .optional(),
    gate: Gate.optional(),
    retries: Retries.optional(),
    timeout: Duration.optional(),
    resources: Resources.optional(),
    with: With.optional(),
  },
  "must be a step: a map with run or uses",
);

/** The file's shape. What one key demands of another (known names, no cycles) is checked after it. */
export const FileShape = z.strictObject(
  {
    version: z.literal(1, "must be 1"),
    name: Slug,
    params: z.record(Name, Scalar, "must be a map of names to values").optional(),
    env: z
      .strictObject(
        {
          python: z
            .string('must be a text in quotes, e.g. "3.12" or ">=3.10": without quotes 3.10 is the number 3.1')
            .min(1, "must not be empty"),
          requirements: RelativePath,
        },
        "must be {python, requirements}",
      )
      .optional(),
    defaults: z
      .strictObject(
        { retries: Retries.optional(), timeout: Duration.optional(), resources: Resources.optional() },
        "must be {retries, timeout, resources}",
      )
      .optional(),
    steps: z
      .record(StepId, StepShape, "must be a map of step names to steps")
      .refine((steps) => Object.keys(steps).length > 0, "must hold at least one step"),
  },
  "must be a map with version, name and steps",
);
export type FileShape = z.infer<typeof FileShape>;

/** The JSON Schema (2020-12) of pipeline.yaml, for editors. */
export function pipelineFileSchema(): object {
  return { ...z.toJSONSchema(FileShape, { io: "input" }), title: "Touchstone pipeline" };
}
