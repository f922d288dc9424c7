import { TABLE_FORMATS, type TableFormat } from "#server/platform/table-file.ts";
import type { ColumnSchema } from "./contract.ts";

/** A stored format name as a format. Throws for one that no version can have. */
export function tableFormat(name: string): TableFormat {
  const format = TABLE_FORMATS.find((known) => known === name);
  if (!format) throw new Error(`a dataset version has the unknown format '${name}'`);
  return format;
}

/** Column types as stated types for reading the file again: what was inferred once stays. */
export function typesOf(schema: readonly ColumnSchema[]): Record<string, string> {
  return Object.fromEntries(schema.map(({ name, type }) => [name, type]));
}
