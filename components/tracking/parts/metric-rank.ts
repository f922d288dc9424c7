const HELD_OUT = /^(test|val|valid|validation|holdout|eval)/i;
const QUALITY = /(accuracy|auc|f1|precision|recall|loss|brier|rmse|mae|mse|r2|score)/i;

/** How soon a reader looks for a metric: that of a test or validation first, then other figures of quality, those of training last. Less is sooner. */
export function metricRank(key: string): number {
  if (HELD_OUT.test(key)) return 0;
  if (/^train/i.test(key)) return 3;
  return QUALITY.test(key) ? 1 : 2;
}
