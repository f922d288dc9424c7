import type { ColumnSchema, SchemaChange } from "./contract.ts";

/** What changed between the columns of two versions, in the order of the newer one, removed columns last. */
export function schemaChanges(before: readonly ColumnSchema[], after: readonly ColumnSchema[]): SchemaChange[] {
  const old = new Map(before.map((column) => [column.name, column.type]));
  const changes = after.flatMap(({ name, type }): SchemaChange[] => {
    const was = old.get(name);
    if (was === undefined)
      return [{ column: name, change: "added", text: `${name} (${type}) was added`, breaking: false }];
    return was === type
      ? []
      : [{ column: name, change: "retyped", text: `${name} was ${was} and is now ${type}`, breaking: true }];
  });
  const now = new Set(after.map((column) => column.name));
  const removed = before
    .filter((column) => !now.has(column.name))
    .map(
      ({ name, type }): SchemaChange => ({
        column: name,
        change: "removed",
        text: `${name} (${type}) was removed`,
        breaking: true,
      }),
    );
  return [...changes, ...removed];
}
