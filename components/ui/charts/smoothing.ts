/**
 * The exponential moving average of a line as TensorBoard draws it (tf_line_chart_data_loader, `resmoothDataset`): last = w·last + (1 − w)·y,
 * begun at 0 and divided by 1 − wⁿ so that the beginning is not drawn towards 0 (the correction that Adam makes for its moments).
 *
 * @param values in the order of the line; null is a gap, which stays one and does not count
 * @param weight in [0, 1): how much of the average comes from before; 0 leaves the values as they are
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (!(weight > 0)) return [...values];
  const kept = Math.min(weight, 0.9999);
  let last = 0;
  // 1 − wⁿ, carried along: wⁿ itself would have to be raised anew for every value.
  let power = 1;
  return values.map((value) => {
    if (value === null) return null;
    last = kept * last + (1 - kept) * value;
    power *= kept;
    return last / (1 - power);
  });
}
