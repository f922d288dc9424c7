/**
 * Inputs that make_reference.py and the tests both build, so that long ones need not be stored: Park & Miller's MINSTD generator and sums of its
 * numbers, which round alike in both languages.
 */
export function uniforms(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  });
}

/** Bell-shaped values: (u1 + u2 + u3 + u4 − 2)·scale + shift. */
export function shaped(seed: number, count: number, shift = 0, scale = 1): Float64Array {
  const u = uniforms(seed, 4 * count);
  const at = (i: number): number => u[i] ?? 0;
  return Float64Array.from(
    { length: count },
    (_, i) => (at(4 * i) + at(4 * i + 1) + at(4 * i + 2) + at(4 * i + 3) - 2) * scale + shift,
  );
}

/** Outcomes with the scores of two models; `grid` > 0 rounds the scores, which makes ties. */
export function ranked(
  seed: number,
  count: number,
  strength: number,
  grid = 0,
): { actual: Uint8Array; champion: Float64Array; challenger: Float64Array } {
  const u = uniforms(seed, 4 * count);
  const at = (i: number): number => u[i] ?? 0;
  const round = (score: number): number => (grid > 0 ? Math.floor(score * grid) / grid : score);
  const actual = Uint8Array.from({ length: count }, (_, i) => (at(4 * i) > 0.6 ? 1 : 0));
  const outcome = (i: number): number => actual[i] ?? 0;
  return {
    actual,
    champion: Float64Array.from(actual, (_, i) => round(at(4 * i + 1) + 0.3 * outcome(i))),
    challenger: Float64Array.from(actual, (_, i) =>
      round(0.7 * at(4 * i + 1) + 0.5 * at(4 * i + 2) + strength * outcome(i)),
    ),
  };
}

/** Outcomes of several classes with probabilities, row-major. */
export function labelled(
  seed: number,
  count: number,
  classes: number,
): { actual: Int32Array; predicted: Int32Array; probabilities: Float64Array } {
  const u = uniforms(seed, count * (classes + 2));
  const at = (row: number, column: number): number => u[row * (classes + 2) + column] ?? 0;
  const actual = Int32Array.from({ length: count }, (_, i) => Math.floor(at(i, 0) * classes));
  const probabilities = new Float64Array(count * classes);
  const predicted = Int32Array.from(actual, (label, i) => {
    const raw = Array.from({ length: classes }, (_, k) => at(i, k + 1) + 0.4 * (k === label ? 1 : 0));
    const total = raw.reduce((sum, value) => sum + value, 0);
    raw.forEach((value, k) => (probabilities[i * classes + k] = value / total));
    return raw.indexOf(Math.max(...raw));
  });
  return { actual, predicted, probabilities };
}

/** |actual − expected| in units of max(|expected|, floor): with floor 1 an absolute error for small numbers, with floor 0 a relative one. */
export function apart(actual: number, expected: number | string, floor = 1): number {
  const wanted = Number(expected);
  if (Object.is(actual, wanted) || actual === wanted) return 0;
  return Math.abs(actual - wanted) / Math.max(Math.abs(wanted), floor);
}
