import type { TableScores } from "#server/platform/runtimes.ts";
import type { WrittenCells, WrittenColumn } from "#server/platform/table-writer.ts";
import type { ModelSignature } from "#server/registry/contract.ts";

/** The new columns of a scored dataset, in order, but for the version's number, which stands last. */
export function predictionColumns(signature: ModelSignature, prefix: string): WrittenColumn[] {
  const { roles, classes } = signature;
  const hasLabel = roles.label !== undefined || (roles.probabilities !== undefined && classes !== null);
  return [
    ...(hasLabel ? [{ name: `${prefix}label`, type: "text" as const }] : []),
    ...(roles.probabilities === undefined
      ? []
      : probabilityNames(signature, prefix).map((name) => ({ name, type: "number" as const }))),
    ...(roles.value === undefined ? [] : [{ name: `${prefix}value`, type: "number" as const }]),
  ];
}

/** The column that says which version predicted. */
export function versionColumn(prefix: string): string {
  return `${prefix}model_version`;
}

/** By class; by number where classes are not stated, or differ in nothing but upper and lower case. */
function probabilityNames({ classes, roles, outputs }: ModelSignature, prefix: string): string[] {
  const width = outputs.find((output) => output.name === roles.probabilities)?.shape[1] ?? 1;
  const names = classes ?? Array.from({ length: Math.max(width, 1) }, (_, i) => String(i));
  const isDistinct = new Set(names.map((name) => name.toLowerCase())).size === names.length;
  return names.map((name, i) => `${prefix}probability_${isDistinct ? name : i}`);
}

/** The cells of these columns. `rows`: of the scores. */
export function predictionCells(scores: TableScores, rows: number): WrittenCells[] {
  const { labels, probabilities, values } = scores;
  const width = probabilities ? probabilities.length / rows : 0;
  return [
    ...(labels ? [labels] : []),
    ...Array.from({ length: width }, (_, c) => {
      const column = new Float64Array(rows);
      for (let row = 0; row < rows; row += 1) column[row] = probabilities?.[row * width + c] ?? Number.NaN;
      return column;
    }),
    ...(values ? [values] : []),
  ];
}

/** The first row without an answer, or -1: a model that gives NaN has none, and a class read from it would be made up. */
export function firstWithoutAnswer({ probabilities, values }: TableScores, rows: number): number {
  for (const numbers of [probabilities, values]) {
    if (!numbers) continue;
    const at = numbers.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return Math.floor(at / (numbers.length / rows));
  }
  return -1;
}
