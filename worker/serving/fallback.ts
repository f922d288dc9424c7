import type { Fallback } from "#server/serving/contract.ts";
import { allocate, type Outputs, type TensorData } from "../runtimes/onnx/tensors.ts";
import { Batch, type Piece } from "./batch.ts";
import type { Surface } from "./surface.ts";

/** Makes the declared answer for so many rows, as if a run had given it. */
export type FallbackAnswer = (rows: number) => Piece;

/** Prepares an endpoint's declared answer; null when it does not state every output, as after a promotion to a version with others. */
export function compileFallback(fallback: Fallback, { entry }: Surface): FallbackAnswer | null {
  const { outputs } = entry.signature;
  if (outputs.some(({ name }) => fallback[name] === undefined)) return null;
  const declared = outputs.map((output) => {
    const given = fallback[output.name] ?? [];
    const row = Array.isArray(given) ? given : [given];
    const fixed = output.shape.slice(1);
    const dims = fixed.every((d) => d >= 0) ? fixed : [row.length];
    return { name: output.name, datatype: output.datatype, row, dims };
  });
  return (rows) => {
    const made: Record<string, { dims: readonly number[]; data: TensorData }> = {};
    for (const { name, datatype, row, dims } of declared) {
      const data = allocate(datatype, rows * row.length);
      const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
      for (let i = 0; i < rows * row.length; i += 1) {
        const value = row[i % row.length] ?? 0;
        if (Array.isArray(data)) data[i] = String(value);
        else data[i] = isBig ? BigInt(value) : Number(value);
      }
      made[name] = { dims: [rows, ...dims], data };
    }
    const run = { outputs: made satisfies Outputs, rows, ms: 0 };
    return { run, batch: new Batch([], 0), from: 0, at: 0, rows };
  };
}
