// Drift of one window: 100,000 rows × 20 features (16 numbers, 4 categories) against a reference of the same size: PSI, Jensen-Shannon and
// Kolmogorov-Smirnov or chi-square of each, corrected and judged. The same figures by numpy and scipy on the same bytes in the same run, with the ratio
// and the largest disagreement. Run: node bench/drift.ts [rows]; BENCH_PYTHON names a Python that has scipy (default python3).
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countCategories } from "#server/kernel/statistics/categories.ts";
import { judgeDrift } from "#server/kernel/statistics/drift-verdict.ts";
import { compareCategorical, compareNumeric } from "#server/kernel/statistics/feature-comparison.ts";
import { prepareNumericReference } from "#server/kernel/statistics/samples.ts";

const ROWS = Number(process.argv[2] ?? 100_000);
const NUMBERS = 16;
const CATEGORIES = 4;
const REPEATS = 5;

let state = 20130101;
function uniform(): number {
  state = (state * 16807) % 2147483647;
  return state / 2147483647;
}
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** Shapes that tables really hold: bell, long tail, whole numbers with ties, two humps; one value in a hundred missing. */
function numberOf(feature: number, shift: number): number {
  if (uniform() < 0.01) return Number.NaN;
  if (feature % 4 === 0) return normal() + shift;
  if (feature % 4 === 1) return -Math.log(uniform()) * (10 + 10 * shift);
  if (feature % 4 === 2) return Math.round(normal() * 30 + 10 * shift);
  return (uniform() < 0.5 + shift / 4 ? -3 : 3) + normal();
}

const NAMES = ["EWR", "JFK", "LGA", "UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX", "FL", "AS", "F9"];
const categoryOf = (shift: number): string => NAMES[Math.floor(uniform() ** (2 - shift) * NAMES.length)] ?? "AS";

// Every fourth feature of the window has moved.
const shiftOf = (feature: number): number => (feature % 4 === 3 ? 0.4 : 0);
const column = <T>(make: () => T): T[] => Array.from({ length: ROWS }, make);
const numbers = Array.from({ length: NUMBERS }, (_, f) => ({
  reference: Float64Array.from(column(() => numberOf(f, 0))),
  current: Float64Array.from(column(() => numberOf(f, shiftOf(f)))),
}));
const categories = Array.from({ length: CATEGORIES }, (_, f) => ({
  reference: column(() => categoryOf(0)),
  current: column(() => categoryOf(shiftOf(f))),
}));

const prepared = timed(() => numbers.map(({ reference }) => prepareNumericReference(reference)));
const counted = timed(() => categories.map(({ reference }) => countCategories(reference)));

function window() {
  return judgeDrift([
    ...prepared.value.map((reference, f) => compareNumeric(`n${f}`, reference, numbers[f]?.current ?? [])),
    ...counted.value.map((reference, f) =>
      compareCategorical(`c${f}`, reference, countCategories(categories[f]?.current ?? [])),
    ),
  ]);
}

function timed<T>(run: () => T): { value: T; ms: number } {
  const start = performance.now();
  const value = run();
  return { value, ms: performance.now() - start };
}

const runs = Array.from({ length: REPEATS }, () => timed(window));
const times = runs.map(({ ms }) => ms);
const best = Math.min(...times);
const report = runs[0]?.value ?? judgeDrift([]);

console.log(
  `window of ${ROWS.toLocaleString("en-US")} rows × ${NUMBERS + CATEGORIES} features (Node ${process.version})`,
);
console.log(`  reference prepared once: ${(prepared.ms + counted.ms).toFixed(0)} ms`);
console.log(`  drift of the window: ${best.toFixed(0)} ms best of ${REPEATS}, first ${(times[0] ?? 0).toFixed(0)} ms`);
console.log(`  ${report.drifted} drifted, ${report.stable} stable, ${report.insufficient} insufficient`);

const python = process.env["BENCH_PYTHON"] ?? "python3";
const folder = mkdtempSync(join(tmpdir(), "touchstone-bench-"));
try {
  numbers.forEach(({ reference, current }, f) => {
    writeFileSync(join(folder, `n${f}.reference`), reference);
    writeFileSync(join(folder, `n${f}.current`), current);
  });
  categories.forEach(({ reference, current }, f) => {
    writeFileSync(join(folder, `c${f}.reference`), reference.join("\n"));
    writeFileSync(join(folder, `c${f}.current`), current.join("\n"));
  });
  const found = spawnSync(python, ["-c", SCIPY(), folder, String(NUMBERS), String(CATEGORIES), String(REPEATS)], {
    encoding: "utf8",
  });
  if (found.status === 0) compareWith(JSON.parse(found.stdout) as ScipyReport);
  else console.log(`  scipy: not measured, ${python} has no numpy and scipy (BENCH_PYTHON names one that has)`);
} finally {
  rmSync(folder, { recursive: true });
}

type ScipyReport = {
  version: string;
  prepare: number;
  seconds: number[];
  figures: Record<string, { psi: number; js: number; p: number }>;
};

function compareWith(scipy: ScipyReport): void {
  const theirs = Math.min(...scipy.seconds) * 1000;
  let largest = 0;
  for (const { feature, distribution } of report.features) {
    const figures = scipy.figures[feature];
    if (figures === undefined || distribution === null) throw new Error(`no figures of ${feature}`);
    largest = Math.max(
      largest,
      Math.abs(figures.psi - distribution.psi),
      Math.abs(figures.js - distribution.jensenShannon),
      Math.abs(figures.p - distribution.p),
    );
  }
  console.log(
    `  scipy ${scipy.version}: ${theirs.toFixed(0)} ms best of ${REPEATS}; its reference cleaned once: ${(scipy.prepare * 1000).toFixed(0)} ms`,
  );
  console.log(
    `  ratio scipy/Touchstone: ${(theirs / best).toFixed(2)}; largest disagreement of PSI, JS and p: ${largest.toExponential(1)}`,
  );
  if (largest > 1e-9) process.exitCode = 1;
}

/** The same figures, written the way one would with numpy and scipy. What can be done once for the reference is not timed, as here. */
function SCIPY(): string {
  return `
import json, sys, time
from collections import Counter
import numpy as np, scipy
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp
folder, numbers, categories, repeats = sys.argv[1], *map(int, sys.argv[2:])
def clean(values):
    return values[np.isfinite(values)]
def filled(shares):
    smallest = shares[shares > 0].min()
    return np.where(shares == 0, smallest / 1e6 if smallest <= 0.0001 else 0.0001, shares)
def psi(r, c):
    r, c = filled(r), filled(c)
    return float(np.sum((r - c) * np.log(r / c)))
load = lambda name: np.fromfile(f"{folder}/{name}")
words = lambda name: open(f"{folder}/{name}").read().split("\\n")
current = [load(f"n{f}.current") for f in range(numbers)]
current_words = [words(f"c{f}.current") for f in range(categories)]
raw = [load(f"n{f}.reference") for f in range(numbers)]
raw_words = [words(f"c{f}.reference") for f in range(categories)]
start = time.perf_counter()
reference = [np.sort(clean(values)) for values in raw]
distinct = [len(np.unique(values)) for values in reference]
reference_words = [Counter(values) for values in raw_words]
prepare = time.perf_counter() - start
def window():
    out = {}
    for f in range(numbers):
        r, c = reference[f], np.sort(clean(current[f]))
        assert distinct[f] > 20
        edges = np.histogram_bin_edges(np.concatenate([r, c]), bins="sturges")
        rs, cs = np.histogram(r, edges)[0] / len(r), np.histogram(c, edges)[0] / len(c)
        out[f"n{f}"] = {"psi": psi(rs, cs), "js": float(jensenshannon(rs, cs)), "p": float(ks_2samp(r, c).pvalue)}
    for f in range(categories):
        r, c = reference_words[f], Counter(current_words[f])
        keys = [*r, *(key for key in c if key not in r)]
        rc, cc = np.array([r[key] for key in keys]), np.array([c[key] for key in keys])
        out[f"c{f}"] = {"psi": psi(rc / rc.sum(), cc / cc.sum()), "js": float(jensenshannon(rc, cc)), "p": float(chi2_contingency([rc, cc], correction=False).pvalue)}
    return out
seconds = []
for _ in range(repeats):
    start = time.perf_counter()
    figures = window()
    seconds.append(time.perf_counter() - start)
print(json.dumps({"version": scipy.__version__, "prepare": prepare, "seconds": seconds, "figures": figures}))
`;
}
