import { LineCounter, parseDocument } from "yaml";
import { AppError } from "#server/kernel/errors.ts";
import { PolicySpec } from "./contract.ts";

/**
 * Reads a policy. Errors: invalid_input naming line and column of every mistake, the first in the message.
 */
export function parsePolicy(text: string): PolicySpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new AppError("invalid_input", `line ${line}, column ${col}: ${broken.message.split("\n")[0] ?? ""}`, {
      field: "text",
      value: { line, column: col },
      remedy: "Mend the YAML at that place.",
    });
  }
  const result = PolicySpec.safeParse(document.toJS());
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    const place = placeOf(
      document,
      lines,
      issue.path.map((part) => (typeof part === "symbol" ? String(part) : part)),
    );
    return {
      field: issue.path.map(String).join("."),
      message: `line ${place.line}, column ${place.column}: ${issue.path.map(String).join(".")}: ${issue.message}`,
    };
  });
  throw new AppError("invalid_input", issues[0]?.message ?? "The policy is not valid.", {
    field: "text",
    issues,
    remedy: "See docs/reviewer.md for the form of a policy.",
  });
}

/** Where a path of the document stands; its nearest parent when it is missing. */
function placeOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: readonly (string | number)[],
): { line: number; column: number } {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range =
      typeof node === "object" && node !== null && "range" in node
        ? (node.range as [number, number, number] | null | undefined)
        : null;
    if (range) {
      const { line, col } = lines.linePos(range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}
