import { expect, test } from "vitest";
import { layoutOf, lineAt, type Opened, type Source, withChildren } from "./segments.ts";

const source = (id: string): Omit<Source, "depth"> => ({ id, query: {} });
const root: Source = { ...source("root"), depth: 0 };

/** Every line as its source, place and depth. */
function linesOf(total: number, opened: readonly Opened[]): string[] {
  const layout = layoutOf(withChildren(root, total, opened));
  return Array.from({ length: layout.lines }, (_, i) => {
    const line = lineAt(layout, i);
    return line?.kind === "run" ? `${line.source.id} ${line.index} at ${line.source.depth}` : "nothing";
  });
}

test("children stand right behind the run that was opened, at whatever depth", () => {
  const second: Opened = { of: "root", at: 1, source: source("children"), children: 2 };
  const last: Opened = { of: "children", at: 1, source: source("grandchildren"), children: 1 };
  expect(linesOf(3, [last, second])).toEqual([
    "root 0 at 0",
    "root 1 at 0",
    "children 0 at 1",
    "children 1 at 1",
    "grandchildren 0 at 2",
    "root 2 at 0",
  ]);
});

test("a run whose parent is folded is not shown, and one beyond the end is not looked for", () => {
  const child: Opened = { of: "children", at: 0, source: source("grandchildren"), children: 1 };
  const gone: Opened = { of: "root", at: 5, source: source("children"), children: 2 };
  expect(linesOf(2, [child, gone])).toEqual(["root 0 at 0", "root 1 at 0"]);
});
