// Makes the three CSV files of this sample from penguins-raw.csv of the palmerpenguins package (see data/SOURCE.md):
//   node prepare/build-data.ts path/to/penguins-raw.csv
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseCsv, writeCsv } from "../src/csv.ts";

const raw = parseCsv(readFileSync(process.argv[2] ?? "penguins-raw.csv", "utf8"));
const known = (value: string | undefined) => (value === undefined || value === "NA" || value === "." ? "" : value);

const measured = raw
  .map((row) => ({
    key: createHash("sha256").update([row["studyName"], row["Species"], row["Sample Number"]].join("|")).digest("hex"),
    observed_at: `${row["Date Egg"]} 00:00:00`,
    species: (row["Species"] ?? "").split(" ")[0] ?? "",
    island: row["Island"] ?? "",
    bill_length_mm: known(row["Culmen Length (mm)"]),
    bill_depth_mm: known(row["Culmen Depth (mm)"]),
    flipper_length_mm: known(row["Flipper Length (mm)"]),
    body_mass_g: known(row["Body Mass (g)"]),
    sex: known(row["Sex"]).toLowerCase(),
    year: (row["Date Egg"] ?? "").slice(0, 4),
  }))
  .filter((row) => row.bill_length_mm !== "");

// Nests come as pairs, mostly the female first: numbers in the order of the file would make "every fourth row" a set of males.
measured.sort((a, b) => (a.key < b.key ? -1 : 1));
const rows = measured.map(({ key: _, ...row }, i) => ({ sample_number: String(i + 1), ...row }));
rows.sort((a, b) => a.observed_at.localeCompare(b.observed_at) || Number(a.sample_number) - Number(b.sample_number));

const write = (file: string, part: typeof rows) => writeFileSync(`${import.meta.dirname}/../${file}`, writeCsv(part));
write("data/penguins.csv", rows);
write(
  "data/penguins-2007-2008.csv",
  rows.filter((row) => row.year < "2009"),
);
write(
  "traffic/penguins-2009.csv",
  rows.filter((row) => row.year === "2009"),
);
