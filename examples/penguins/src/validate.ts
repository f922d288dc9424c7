// Checks the data against expectations.yaml before anything is trained on it. The report is JSON: `passed`, `rows`, `null_rate` (share of
// empty cells among features and label) and `rules` with what was observed. Exits with 1 when a rule is broken; the report is written all the same.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseCsv, type Row } from "./csv.ts";
import { FEATURES, LABEL } from "./penguin.ts";

interface Rule {
  rule: string;
  column?: string;
  min?: number;
  max?: number;
  values?: string[];
  mostly?: number;
}

const { values: paths } = parseArgs({
  options: { split: { type: "string" }, rules: { type: "string" }, report: { type: "string" } },
});
const {
  split = "work/split",
  rules: rulesFile = "expectations.yaml",
  report: reportFile = "reports/quality.json",
} = paths;

const rows = ["train", "holdout"].flatMap((part) => parseCsv(readFileSync(`${split}/${part}.csv`, "utf8")));
// Every rule of the file is one line of JSON, which is YAML as well.
const lines = readFileSync(rulesFile, "utf8")
  .split("\n")
  .filter((line) => line.trimStart().startsWith("- "));
const rules: Rule[] = lines.map((line) => JSON.parse(line.trim().slice(2)));

function judge(rule: Rule): { passed: boolean; observed: string } {
  const { min = -Infinity, max = Infinity } = rule;
  if (rule.rule === "row_count_min") return { passed: rows.length >= min, observed: `${rows.length} rows` };
  if (!rows.every((row) => rule.column !== undefined && rule.column in row))
    return { passed: false, observed: "the column does not exist" };
  const cells = rows.map((row) => row[rule.column ?? ""] ?? "");
  const present = cells.filter((cell) => cell !== "");
  if (rule.rule === "not_null") return share(cells, (cell) => cell !== "", rule);
  if (rule.rule === "between") return share(present, (cell) => Number(cell) >= min && Number(cell) <= max, rule);
  if (rule.rule === "in_set") return share(present, (cell) => rule.values?.includes(cell) ?? false, rule);
  return { passed: false, observed: `there is no rule named ${rule.rule}` };
}

function share(cells: string[], good: (cell: string) => boolean, rule: Rule) {
  const broken = cells.filter((cell) => !good(cell)).length;
  const passed = 1 - broken / Math.max(cells.length, 1) >= (rule.mostly ?? 1);
  return { passed, observed: `${broken} of ${cells.length} rows break it` };
}

const judged = rules.map((rule) => ({ ...rule, ...judge(rule) }));
const broken = judged.filter((rule) => !rule.passed);
const cells = rows.flatMap((row: Row) => [...FEATURES, LABEL].map((name) => row[name]));
const null_rate = cells.filter((cell) => cell === "").length / cells.length;
writeFileSync(
  reportFile,
  `${JSON.stringify({ passed: broken.length === 0, rows: rows.length, null_rate, rules: judged }, null, 2)}\n`,
);

for (const rule of judged)
  console.log(
    `${rule.passed ? "ok    " : "BROKEN"} ${rule.rule.padEnd(14)} ${(rule.column ?? "").padEnd(18)} ${rule.observed}`,
  );
if (broken.length > 0) {
  console.error(`${broken.length} of ${rules.length} rules are broken`);
  process.exitCode = 1;
} else console.log(`all ${rules.length} rules hold; null rate ${null_rate.toFixed(4)}`);
