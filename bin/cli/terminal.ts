const plain = process.env["NO_COLOR"] !== undefined && process.env["NO_COLOR"] !== "";
const colour = !plain && (process.stdout.isTTY || process.env["FORCE_COLOR"] === "1");

const paint = (code: string) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint("1");
export const dim = paint("2");
export const red = paint("31");
export const green = paint("32");
export const yellow = paint("33");
/** The product's streak, and nothing else. */
export const gold = paint("38;5;178");

/** "0.4 s", "12 s", "1 m 12 s". */
export function duration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}

/** "412 MB", "3.2 GB" (powers of ten, as disks are sold). */
export function bytes(count: number): string {
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}
