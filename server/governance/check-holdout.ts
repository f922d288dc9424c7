import { AppError } from "#server/kernel/errors.ts";
import { aucInterval, compareAuc } from "#server/kernel/statistics/delong.ts";
import { meanInterval, wilson } from "#server/kernel/statistics/intervals.ts";
import { compareAccuracy, pairedTable } from "#server/kernel/statistics/mcnemar.ts";
import { compareLosses } from "#server/kernel/statistics/paired-mean.ts";
import { detectableDifference } from "#server/kernel/statistics/sample-size.ts";
import { judge, satisfies, type Evidence } from "#server/kernel/statistics/verdict.ts";
import { verdictSentence } from "#server/kernel/statistics/verdict-sentence.ts";
import type { TableScores } from "#server/platform/runtimes.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import type { CheckKind, CheckOutcome } from "./check-kinds.ts";
import { type HoldoutCheck, type HoldoutEvidence, testOf } from "./contract.ts";
import { type HoldoutRows, holdoutRows, score } from "./scored-rows.ts";

interface Comparison {
  readonly champion: HoldoutEvidence["champion"];
  readonly challenger: HoldoutEvidence["challenger"];
  readonly evidence: Evidence | null;
  readonly pNonInferior: number | null;
  readonly table: HoldoutEvidence["table"];
  readonly positives: number | null;
  readonly detectable: number | null;
}
interface Sides {
  readonly check: HoldoutCheck;
  readonly rows: HoldoutRows;
  readonly challenger: { version: VersionDto; scores: TableScores };
  readonly champion: { version: VersionDto; scores: TableScores } | null;
}

const POWER = 0.8;
const CLIP = 2 ** -52;

/** Scores both models on the policy's rows and draws the verdict from the test that belongs to the metric. */
export const checkHoldout: CheckKind<HoldoutCheck> = async ({ db, projectId, check, challenger, champion, models }) => {
  const versions = champion ? [challenger, champion] : [challenger];
  const rows = await holdoutRows(db, projectId, {
    dataset: check.dataset,
    where: check.where,
    label: check.label,
    challenger,
    versions,
  });
  if (rows.n === 0)
    throw new AppError(
      "invalid_input",
      `No row of ${check.dataset} can be judged: ${rows.dropped} have a missing feature or label.`,
      { field: "where", value: check.where, remedy: "Change the policy's condition." },
    );
  const sides: Sides = {
    check,
    rows,
    challenger: { version: challenger, scores: await score(models, challenger, rows) },
    champion: champion ? { version: champion, scores: await score(models, champion, rows) } : null,
  };
  const compared = { accuracy: byAccuracy, auc: byAuc, log_loss: byLogLoss }[check.metric](sides);
  return outcome(sides, compared);
};

function outcome({ check, rows }: Sides, compared: Comparison): CheckOutcome {
  const { champion, challenger, evidence, pNonInferior, table, positives, detectable } = compared;
  const shown: HoldoutEvidence = {
    kind: "holdout",
    metric: check.metric,
    test: testOf(check),
    dataset: rows.dataset,
    where: check.where ?? null,
    n: rows.n,
    dropped: rows.dropped,
    minN: check.min_n,
    margin: check.margin,
    alpha: check.alpha,
    require: check.require,
    champion,
    challenger,
    difference: evidence?.difference ?? null,
    low: evidence?.low ?? null,
    high: evidence?.high ?? null,
    pSuperior: evidence?.pSuperior ?? null,
    pNonInferior,
    table,
    positives,
    detectable,
  };
  if (!evidence) return { ...firstChampion(check, rows, challenger.value), evidence: shown };
  const judgement = judge(evidence);
  const passed = satisfies(judgement.verdict, check.require);
  const state = passed ? "passed" : judgement.verdict === "inconclusive" ? "inconclusive" : "failed";
  const unit = check.metric === "accuracy" ? "points" : check.metric === "auc" ? "AUC" : "log-loss";
  return {
    state,
    verdict: judgement.verdict,
    summary: verdictSentence(evidence, judgement, { rows: check.rows, unit }),
    evidence: shown,
  };
}

/** A first champion has nothing to be compared with; it must have enough rows and reach the policy's own bar, if it sets one. */
function firstChampion(check: HoldoutCheck, rows: HoldoutRows, value: number): Omit<CheckOutcome, "evidence"> {
  const name = { accuracy: "accuracy", auc: "AUC", log_loss: "log-loss" }[check.metric];
  const said = `On ${rows.n.toLocaleString("en-GB")} ${check.rows} its ${name} is ${value.toFixed(3)}; there is no champion yet to compare it with.`;
  if (rows.n < check.min_n)
    return {
      state: "inconclusive",
      verdict: "inconclusive",
      summary: `${said} At least ${check.min_n} rows are needed.`,
    };
  const reached =
    check.first === undefined || (check.metric === "log_loss" ? value <= check.first : value >= check.first);
  return reached
    ? {
        state: "passed",
        verdict: null,
        summary: check.first === undefined ? said : `${said} The policy asks for ${check.first}.`,
      }
    : { state: "failed", verdict: null, summary: `${said} The policy asks for ${check.first}.` };
}

function labelsOf(scores: TableScores, who: VersionDto): readonly string[] {
  if (scores.labels) return scores.labels;
  throw new AppError(
    "invalid_input",
    `${who.model} version ${who.version} gives no class, so its accuracy cannot be known.`,
    { field: "metric", remedy: "Export the model with a label or probabilities output." },
  );
}

function byAccuracy({ check, rows, challenger, champion }: Sides): Comparison {
  const right = labelsOf(challenger.scores, challenger.version);
  const level = 1 - 2 * check.alpha;
  const own = (labels: readonly string[]) => {
    const hits = labels.reduce((n, label, i) => n + (label === rows.labels[i] ? 1 : 0), 0);
    return { value: hits / rows.n, ...bounds(wilson(hits, rows.n, level)) };
  };
  if (!champion)
    return {
      champion: null,
      challenger: own(right),
      evidence: null,
      pNonInferior: null,
      table: null,
      positives: null,
      detectable: null,
    };
  const held = labelsOf(champion.scores, champion.version);
  const table = pairedTable(rows.labels, held, right);
  const result = compareAccuracy(table, { alpha: check.alpha, margin: check.margin });
  const discordance = (table.onlyChallenger + table.onlyChampion) / rows.n;
  return {
    champion: { version: champion.version.version, ...own(held) },
    challenger: own(right),
    evidence: {
      n: rows.n,
      minimumN: check.min_n,
      difference: result.difference,
      low: result.interval.low,
      high: result.interval.high,
      margin: check.margin,
      alpha: check.alpha,
      pSuperior: result.pSuperior,
    },
    pNonInferior: result.pNonInferior,
    table,
    positives: null,
    detectable:
      discordance > 0 ? detectableDifference(rows.n, { discordance, alpha: check.alpha, power: POWER }) : null,
  };
}

/** The probability that each row is of the positive class. */
function positiveScores(scores: TableScores, who: VersionDto): { positive: string; values: Float64Array } {
  const { probabilities, classes } = scores;
  const positive = who.signature?.positive ?? (classes?.length === 2 ? classes[1] : undefined);
  const column = classes && positive !== undefined ? classes.indexOf(positive) : -1;
  if (!probabilities || !classes || positive === undefined || column < 0)
    throw new AppError(
      "invalid_input",
      `${who.model} version ${who.version} gives no probability of a positive class, so its AUC cannot be known.`,
      { field: "metric", remedy: "Use accuracy or log_loss for models of more than two classes." },
    );
  const rows = probabilities.length / classes.length;
  return {
    positive,
    values: Float64Array.from({ length: rows }, (_, row) => probabilities[row * classes.length + column] ?? Number.NaN),
  };
}

function byAuc({ check, rows, challenger, champion }: Sides): Comparison {
  const mine = positiveScores(challenger.scores, challenger.version);
  const actual = rows.labels.map((label) => label === mine.positive);
  const positives = actual.filter(Boolean).length;
  const level = 1 - 2 * check.alpha;
  if (!champion) {
    const own = aucInterval(actual, mine.values, level);
    if (!own)
      throw new AppError("invalid_input", "The hold-out has fewer than two rows of one class, so there is no AUC.", {
        field: "where",
        value: check.where,
      });
    return {
      champion: null,
      challenger: { value: own.auc, ...bounds(own.interval) },
      evidence: null,
      pNonInferior: null,
      table: null,
      positives,
      detectable: null,
    };
  }
  const result = compareAuc(actual, positiveScores(champion.scores, champion.version).values, mine.values, {
    alpha: check.alpha,
    margin: check.margin,
  });
  if (!result)
    throw new AppError("invalid_input", "The hold-out has fewer than two rows of one class, so there is no AUC.", {
      field: "where",
      value: check.where,
    });
  return {
    champion: { version: champion.version.version, value: result.champion.auc, ...bounds(result.champion.interval) },
    challenger: { value: result.challenger.auc, ...bounds(result.challenger.interval) },
    evidence: {
      n: rows.n,
      minimumN: check.min_n,
      difference: result.difference,
      low: result.interval.low,
      high: result.interval.high,
      margin: check.margin,
      alpha: check.alpha,
      pSuperior: result.pSuperior,
    },
    pNonInferior: result.pNonInferior,
    table: null,
    positives,
    detectable: null,
  };
}

/** Per-row log-loss, with probabilities kept off 0 and 1 by the machine epsilon as scikit-learn does. */
function losses(scores: TableScores, labels: readonly string[], who: VersionDto): Float64Array {
  const { probabilities, classes } = scores;
  if (!probabilities || !classes)
    throw new AppError(
      "invalid_input",
      `${who.model} version ${who.version} gives no probabilities, so its log-loss cannot be known.`,
      { field: "metric" },
    );
  return Float64Array.from(labels, (label, row) => {
    const column = classes.indexOf(label);
    const p = column < 0 ? 0 : (probabilities[row * classes.length + column] ?? 0);
    return -Math.log(Math.min(1 - CLIP, Math.max(CLIP, p)));
  });
}

function byLogLoss({ check, rows, challenger, champion }: Sides): Comparison {
  const mine = losses(challenger.scores, rows.labels, challenger.version);
  const level = 1 - 2 * check.alpha;
  const own = (values: Float64Array) => ({
    value: values.reduce((a, b) => a + b, 0) / values.length,
    ...bounds(meanInterval(values, level)),
  });
  if (!champion)
    return {
      champion: null,
      challenger: own(mine),
      evidence: null,
      pNonInferior: null,
      table: null,
      positives: null,
      detectable: null,
    };
  const theirs = losses(champion.scores, rows.labels, champion.version);
  const result = compareLosses(theirs, mine, { alpha: check.alpha, margin: check.margin });
  if (!result)
    throw new AppError("invalid_input", "The hold-out has fewer than two rows.", {
      field: "where",
      value: check.where,
    });
  return {
    champion: { version: champion.version.version, ...own(theirs) },
    challenger: own(mine),
    evidence: {
      n: rows.n,
      minimumN: check.min_n,
      difference: result.difference,
      low: result.interval.low,
      high: result.interval.high,
      margin: check.margin,
      alpha: check.alpha,
      pSuperior: result.pSuperior,
    },
    pNonInferior: result.pNonInferior,
    table: null,
    positives: null,
    detectable: null,
  };
}

function bounds(interval: { low: number; high: number } | null): { low: number | null; high: number | null } {
  return { low: interval?.low ?? null, high: interval?.high ?? null };
}
