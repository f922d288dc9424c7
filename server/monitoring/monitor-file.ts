import { LineCounter, parseDocument } from "yaml";
import { AppError } from "#server/kernel/errors.ts";
import { MONITOR_PATH, MonitorFile } from "./contract.ts";

type Place = { readonly line: number; readonly column: number };

/**
 * Reads a monitor.yaml. Errors: invalid_input with every mistake and its line and column, the first in the message.
 */
export function parseMonitorFile(text: string, path: string = MONITOR_PATH): MonitorFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const say = (place: Place, message: string) => `${path}, line ${place.line}, column ${place.column}: ${message}`;
  const [broken] = document.errors;
  if (broken) {
    const place = at(broken.pos[0]);
    throw new AppError("invalid_input", say(place, broken.message.split("\n")[0] ?? ""), {
      field: path,
      value: place,
      remedy: "Mend the YAML at that place.",
    });
  }
  const result = MonitorFile.safeParse(document.toJS());
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    const keys = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    const field = keys.join(".");
    return { field, message: say(placeOf(document, keys, at), `${field ? `${field}: ` : ""}${issue.message}`) };
  });
  throw new AppError("invalid_input", issues[0]?.message ?? "The monitor file is not valid.", {
    field: path,
    issues,
    remedy: "See docs/scientist.md for the form of a monitor file.",
  });
}

/** Where the value of a path stands; its nearest parent when it is missing. */
function placeOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
  at: (offset: number) => Place,
): Place {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node !== "object" || node === null || !("range" in node)) continue;
    const range = node.range as readonly [number, number, number] | null | undefined;
    if (range) return at(range[0]);
  }
  return { line: 1, column: 1 };
}
