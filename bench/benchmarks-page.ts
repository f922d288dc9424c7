import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const DOCUMENT = path.join(import.meta.dirname, "../docs/benchmarks.md");

/** Puts lines between the marks of a benchmark in docs/benchmarks.md. Throws when the page has none. */
export function writePart(name: string, lines: readonly string[]): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [`<!-- ${name} begins -->`, `<!-- ${name} ends -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} lacks the marks ${begin} and ${end}`);
  writeFileSync(DOCUMENT, `${document.slice(0, from)}${begin}\n${lines.join("\n")}\n${document.slice(to)}`);
}

/** The machine, for the head of a table. */
export function describeMachine(): string {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg().map((n) => n.toFixed(1));
  return `${os.cpus().length} × ${os.cpus()[0]?.model ?? "?"}, ${memory} GiB, Linux ${os.release()}, Node ${process.version}; load before ${load.join(", ")}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The last cell of a line with a target. */
export const verdict = (holds: boolean): string => (holds ? "holds" : "**missed**");
