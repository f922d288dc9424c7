// Cuts a dataset version into the rows to train on and the hold-out: every sample whose number is a multiple of 4.
// The promotion policy checks a candidate on exactly those samples, so no step may train on them.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseCsv, type Row, writeCsv } from "./csv.ts";
import { LABEL } from "./penguin.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, out: { type: "string" } } });
const { data = "data/penguins-2007-2008.csv", out = "work/split" } = values;
if (!data.endsWith(".csv")) throw new Error(`${data}: this sample reads CSV files only.`);

const bytes = readFileSync(data);
const rows = parseCsv(bytes.toString("utf8"));
const isHoldout = (row: Row) => Number(row["sample_number"]) % 4 === 0;
const train = rows.filter((row) => !isHoldout(row));
const holdout = rows.filter(isHoldout);
if (train.length === 0 || holdout.length === 0)
  throw new Error(
    `${train.length} rows to train on and ${holdout.length} to evaluate: too few. Is sample_number there?`,
  );

const count = (part: Row[]) => {
  const names = [...new Set(part.map((row) => row[LABEL] ?? ""))].sort();
  return {
    rows: part.length,
    species: Object.fromEntries(names.map((n) => [n, part.filter((r) => r[LABEL] === n).length])),
  };
};
const split = {
  source_sha256: createHash("sha256").update(bytes).digest("hex"),
  train: count(train),
  holdout: count(holdout),
};
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/train.csv`, writeCsv(train));
writeFileSync(`${out}/holdout.csv`, writeCsv(holdout));
writeFileSync(`${out}/split.json`, `${JSON.stringify(split, null, 2)}\n`);
console.log(JSON.stringify(split, null, 2));
