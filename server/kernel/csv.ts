/** One value of a table as text for a file: dates in ISO 8601, nothing for what is missing. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

/**
 * Comma-separated text (RFC 4180): CRLF, quotes where needed. A text cell that a spreadsheet would run as a formula
 * (= + - @ or a control character first) is led by an apostrophe.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [header, ...rows].map((row) => row.map(toCell).join(",")).join("\r\n");
}

function toCell(value: CsvValue): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (typeof value !== "string") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
