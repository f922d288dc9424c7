/** Words of metric names by which it is known whether more or less is better; the whole word counts, so "loss" is not found in "glossary". */
const LESS =
  /(^|[^a-z])(loss|error|err|mae|mse|rmse|mape|rmsle|brier|logloss|nll|perplexity|latency|duration|seconds|time|cost|wer|cer)([^a-z]|$)/;
const MORE =
  /(^|[^a-z])(acc|accuracy|auc|auroc|auprc|roc|f1|fbeta|precision|recall|r2|score|map|ndcg|bleu|rouge|iou|dice|specificity|sensitivity|kappa|mcc|throughput)([^a-z]|$)/;

/** Whether more ("up") or less ("down") of a metric is better, as far as its name says; undefined when it does not. */
export function betterOf(metric: string): "up" | "down" | undefined {
  const name = metric.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  if (LESS.test(name)) return "down";
  return MORE.test(name) ? "up" : undefined;
}
