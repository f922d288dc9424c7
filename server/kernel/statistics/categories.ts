/** Rows per category of one side. `counts` holds no category with 0 rows; null, undefined and NaN are `missing`. */
export type CategoryCounts = {
  readonly counts: ReadonlyMap<string, number>;
  readonly missing: number;
  /** Rows seen: the sum of the counts and `missing`. */
  readonly rows: number;
};

/** What a categorical column may hold; numbers and booleans are compared by their text. */
export type CategoryValue = string | number | boolean | null | undefined;

/** Counts the categories of a column, O(n). */
export function countCategories(values: Iterable<CategoryValue>): CategoryCounts {
  const counts = new Map<string, number>();
  let missing = 0;
  let rows = 0;
  for (const value of values) {
    rows++;
    if (value === null || value === undefined || Number.isNaN(value)) {
      missing++;
      continue;
    }
    const key = typeof value === "string" ? value : String(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { counts, missing, rows };
}

/** The same from counts that a database has grouped already. RangeError for a count that is negative or not a whole number. */
export function categoryCounts(grouped: Iterable<readonly [string, number]>, missing = 0): CategoryCounts {
  const counts = new Map<string, number>();
  let rows = missing;
  for (const [key, count] of grouped) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${count} rows of '${key}' is not a count`);
    if (count === 0) continue;
    counts.set(key, (counts.get(key) ?? 0) + count);
    rows += count;
  }
  return { counts, missing, rows };
}

/** Sum of two sets of counts. */
export function mergeCategoryCounts(a: CategoryCounts, b: CategoryCounts): CategoryCounts {
  return categoryCounts([...a.counts, ...b.counts], a.missing + b.missing);
}

/** Both sides over the union of their categories, in the order of the reference (most frequent first), then new ones. */
export type AlignedCounts = {
  readonly keys: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
};

/** Puts both sides on the same list of categories; a category that one side lacks has 0 there. Missing rows are left out. */
export function alignCategories(reference: CategoryCounts, current: CategoryCounts): AlignedCounts {
  const known = byFrequency(reference.counts);
  const added = byFrequency(current.counts).filter((key) => !reference.counts.has(key));
  const keys = [...known, ...added];
  return {
    keys,
    reference: Float64Array.from(keys, (key) => reference.counts.get(key) ?? 0),
    current: Float64Array.from(keys, (key) => current.counts.get(key) ?? 0),
  };
}

function byFrequency(counts: ReadonlyMap<string, number>): string[] {
  // The second rule makes the order, and so every sum over it, independent of the order of the rows.
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
}
