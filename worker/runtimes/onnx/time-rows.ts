import type { OrtSession } from "./ort.ts";
import { type Feed, slice } from "./tensors.ts";

const WARM_UP = 20;

/** Runs each row alone, after some that do not count, and gives the microseconds of each. */
export async function timeRows(
  session: Pick<OrtSession, "run">,
  feeds: readonly Feed[],
  wanted: readonly string[],
  rows: number,
): Promise<Float64Array> {
  const one = (row: number) =>
    feeds.map(({ name, datatype, data, dims }) => {
      const width = data.length / rows;
      return { name, datatype, dims: [1, ...dims.slice(1)], data: slice(data, row * width, (row + 1) * width) };
    });
  for (let i = 0; i < Math.min(WARM_UP, rows); i += 1) await session.run(one(i), wanted);
  const times = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const started = performance.now();
    await session.run(one(row), wanted);
    times[row] = (performance.now() - started) * 1000;
  }
  return times;
}
