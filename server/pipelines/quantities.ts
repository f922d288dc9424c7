const SECOND = 1000;
const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: 86_400 * SECOND,
};
const SIZE_UNITS: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

function parse(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text);
  const factor = units[match?.[2] ?? ""];
  return match?.[1] === undefined || factor === undefined ? null : Math.round(Number(match[1]) * factor);
}

/** Milliseconds of "90s", "10m", "1.5h" (units ms, s, m, h, d), or null for anything else. */
export function parseDuration(text: string): number | null {
  return parse(text, DURATION_UNITS);
}

/** Bytes of "512Mi" or "2Gi" (units Ki, Mi, Gi, Ti), or null for anything else. */
export function parseSize(text: string): number | null {
  return parse(text, SIZE_UNITS);
}

/** A size as a person writes it: "512 MiB", "1.5 GiB". */
export function sizeText(bytes: number): string {
  const unit = bytes >= 2 ** 30 ? "Gi" : bytes >= 2 ** 20 ? "Mi" : "Ki";
  const value = bytes / (SIZE_UNITS[unit] ?? 1);
  return `${Number(value.toPrecision(value >= 1000 ? 4 : 3)).toLocaleString("en")} ${unit}B`;
}

/** A duration as a person says it: "350 ms", "12 s", "1 m 30 s", "2 h 5 m". */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return rest === 0 ? `${minutes} m` : `${minutes} m ${rest} s`;
  const left = minutes % 60;
  return left === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${left} m`;
}
