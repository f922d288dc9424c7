export type Row = Record<string, string>;

/** Reads CSV with a header line and quotes as in RFC 4180. A line with another number of fields is an error that names it. */
export function parseCsv(text: string): Row[] {
  const [header, ...lines] = splitRecords(text.replace(/^\uFEFF/, ""));
  if (!header) throw new Error("The CSV file is empty.");
  return lines.map((fields, i) => {
    if (fields.length !== header.length)
      throw new Error(`Record ${i + 2} has ${fields.length} fields, the header ${header.length}.`);
    return Object.fromEntries(header.map((name, column) => [name, fields[column] ?? ""]));
  });
}

function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  // Each match is one field and what ends it: a comma, a line end, or the end of the text.
  for (const [all, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (all === "" && fields.length === 0) break;
    fields.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    records.push(fields);
    fields = [];
  }
  return records;
}

/** Writes rows with the columns of the first one. */
export function writeCsv(rows: Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))]
    .map((r) => r.map(quote).join(",") + "\n")
    .join("");
}
