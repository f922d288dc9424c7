import { readFileSync } from "node:fs";
import { parseCsv } from "./csv.ts";

/** The features in the order of the model's inputs. */
export const MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"] as const;
export const FEATURES = [...MEASURES, "island"] as const;
export const LABEL = "species";

export interface Penguin {
  sampleNumber: number;
  /** In the order of MEASURES: mm, mm, mm, g. */
  measures: number[];
  island: string;
  species: string;
}

/** Reads a CSV of penguins. Incomplete rows are left out and counted; a measure that is no number is an error that names the row. */
export function readPenguins(file: string): { penguins: Penguin[]; incomplete: number } {
  const rows = parseCsv(readFileSync(file, "utf8"));
  const missing = ["sample_number", LABEL, ...FEATURES].filter((name) => rows[0] && !(name in rows[0]));
  if (missing.length > 0) throw new Error(`${file} has no column ${missing.join(", ")}.`);
  const complete = rows.filter((row) => [LABEL, ...FEATURES].every((name) => row[name] !== ""));
  const penguins = complete.map((row) => ({
    sampleNumber: Number(row["sample_number"]),
    measures: MEASURES.map((name) => toNumber(row[name] ?? "", `${name} of sample ${row["sample_number"]}`)),
    island: row["island"] ?? "",
    species: row[LABEL] ?? "",
  }));
  return { penguins, incomplete: rows.length - complete.length };
}

function toNumber(text: string, what: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${what} is '${text}', not a number.`);
  return value;
}
