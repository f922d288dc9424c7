const CLAUSE = /^(>=|<=|==|!=|~=|>|<)?\s*(\d+(?:\.\d+)*)(\.\*)?$/;

const numbers = (version: string): number[] => version.split(".").map(Number);

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const startsWith = (version: readonly number[], prefix: readonly number[]): boolean =>
  prefix.every((part, i) => version[i] === part);

/**
 * Whether a Python version ("3.11.7") meets a specifier: comma-separated clauses of PEP 440 (>=, <=, ==, !=, ~=, >, <, with .* for == and !=). A bare
 * "3.12" means any 3.12. Null when the specifier cannot be read.
 */
export function versionFits(version: string, specifier: string): boolean | null {
  const have = numbers(version);
  let fits = true;
  for (const text of specifier.split(",").map((part) => part.trim())) {
    const match = CLAUSE.exec(text);
    if (!match) return null;
    const want = numbers(match[2] ?? "");
    const wildcard = match[3] !== undefined;
    const order = compare(have, want);
    switch (match[1]) {
      case undefined:
        fits &&= startsWith(have, want);
        break;
      case "==":
        fits &&= wildcard ? startsWith(have, want) : order === 0;
        break;
      case "!=":
        fits &&= !(wildcard ? startsWith(have, want) : order === 0);
        break;
      case ">=":
        fits &&= order >= 0;
        break;
      case "<=":
        fits &&= order <= 0;
        break;
      case ">":
        fits &&= order > 0;
        break;
      case "<":
        fits &&= order < 0;
        break;
      case "~=":
        fits &&= order >= 0 && startsWith(have, want.slice(0, -1));
        break;
      default:
        return null;
    }
  }
  return fits;
}
