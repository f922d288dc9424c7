/**
 * Numbers, times and sizes as every page writes them. Pure: same input, same text, whatever the machine's language.
 * Missing and non-finite values become an en dash, so that a cell is never "NaN".
 */

const NONE = "–";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Instant = Date | string | number;

/**
 * A number with `digits` significant digits (3 unless asked), thousands separated by commas, a true minus sign.
 * Whole numbers are counts and keep all their digits; |x| ≥ 1e15 or < 1e-4 is written with an exponent: 1.23e-7.
 */
export function formatNumber(value: number | bigint | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "bigint") return minus(groupThousands(value.toString()));
  if (Number.isNaN(value)) return NONE;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return minus(groupThousands(value.toFixed(0)));
  if (size >= 1e15 || size < 1e-4) {
    const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
    return minus(`${trimZeros(mantissa)}e${exponent.replace("+", "")}`);
  }
  // Rounded first: 9.999 becomes 10.0, not 10.00.
  const whole = Math.floor(Math.log10(Number(size.toPrecision(digits)))) + 1;
  return minus(groupThousands(value.toFixed(Math.min(12, Math.max(0, digits - whole)))));
}

/** A number as it was stated, a tolerance or a margin: four digits at most, and no zeros behind them, which would claim more: 0.05, 1e-5. */
export function formatStated(value: number | null | undefined): string {
  const [mantissa = "", exponent] = formatNumber(value, 4).split("e");
  const short = trimZeros(mantissa);
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** A fraction (0 to 1) as a percentage with `decimals` decimals: 0.0123 → "1.2%". */
export function formatPercent(fraction: number | null | undefined, decimals = 1): string {
  if (fraction === null || fraction === undefined || !Number.isFinite(fraction)) return NONE;
  return minus(`${groupThousands((fraction * 100).toFixed(decimals))}%`);
}

/** A number with its sign always written, for changes: "+0.91", "−12", "±0". */
export function formatChange(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  if (value === 0) return "±0";
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** A large count in few characters, for axes and badges: 1234 → "1.23k", 5e6 → "5M". */
export function formatCompact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  for (const [least, unit] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= least * 0.9995) return `${minus(trimZeros((value / least).toPrecision(3)))}${unit}`;
  }
  return Number.isInteger(value) ? formatNumber(value) : minus(trimZeros(formatNumber(value)));
}

/** Bytes in binary units: 1536 → "1.5 KiB". */
export function formatBytes(bytes: number | bigint | null | undefined): string {
  if (bytes === null || bytes === undefined) return NONE;
  const value = Number(bytes);
  if (!Number.isFinite(value)) return NONE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let step = 0;
  let rest = Math.abs(value);
  while (rest >= 1023.5 && step < units.length - 1) {
    rest /= 1024;
    step += 1;
  }
  const text = step === 0 ? rest.toFixed(0) : trimZeros(rest.toFixed(rest < 10 ? 2 : rest < 100 ? 1 : 0));
  return `${value < 0 ? "−" : ""}${text} ${units[step] ?? ""}`;
}

/** Milliseconds as the two largest units that matter: 850 → "850 ms", 72000 → "1 m 12 s", 93784000 → "1 d 2 h". */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  const sign = ms < 0 ? "−" : "";
  const size = Math.abs(ms);
  if (size === 0) return "0 s";
  if (size < 1) return `${sign}${formatNumber(size * 1000, 2)} µs`;
  if (size < 10) return `${sign}${trimZeros(size.toFixed(1))} ms`;
  if (size < 999.5) return `${sign}${size.toFixed(0)} ms`;
  if (size < 9.95 * SECOND) return `${sign}${trimZeros((size / SECOND).toFixed(1))} s`;
  const seconds = Math.round(size / SECOND);
  if (seconds < 60) return `${sign}${seconds} s`;
  if (seconds < 3600) return sign + twoUnits(Math.floor(seconds / 60), "m", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return sign + twoUnits(Math.floor(minutes / 60), "h", minutes % 60, "m");
  const hours = Math.round(minutes / 60);
  return sign + twoUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** Time from `now` in words: "just now", "3 min ago", "in 2 h", "5 d ago"; beyond 30 days the date: "12 Mar 2026". */
export function formatRelative(at: Instant, now: Instant = Date.now()): string {
  const then = new Date(at).getTime();
  const distance = new Date(now).getTime() - then;
  if (Number.isNaN(distance)) return NONE;
  const size = Math.abs(distance);
  if (size < 45 * SECOND) return distance >= -5 * SECOND ? "just now" : `in ${Math.round(size / SECOND)} s`;
  if (size >= 30 * DAY) return formatDate(at);
  const words =
    size < 59.5 * MINUTE
      ? `${Math.max(1, Math.round(size / MINUTE))} min`
      : size < 23.5 * HOUR
        ? `${Math.round(size / HOUR)} h`
        : `${Math.round(size / DAY)} d`;
  return distance >= 0 ? `${words} ago` : `in ${words}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The calendar date in UTC: "12 Mar 2026". */
export function formatDate(at: Instant): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return NONE;
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCFullYear()}`;
}

/** To make one costs more than a hundred uses; a page with a table asks for hundreds, of its reader's zone and UTC. */
const exactly = new Map<string, Intl.DateTimeFormat>();

function exactFormat(timeZone: string): Intl.DateTimeFormat {
  const known = exactly.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    day: "numeric",
    month: "numeric",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  exactly.set(timeZone, made);
  return made;
}

/** The exact instant: "12 Mar 2026, 14:05:09 UTC", or in the named zone: "12 Mar 2026, 15:05:09 GMT+1". */
export function formatExact(at: Instant, timeZone = "UTC"): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return NONE;
  const parts = new Map(
    exactFormat(timeZone)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  const get = (name: string): string => parts.get(name as Intl.DateTimeFormatPartTypes) ?? "";
  const month = MONTHS[Number(get("month")) - 1] ?? "";
  return `${get("day")} ${month} ${get("year")}, ${get("hour")}:${get("minute")}:${get("second")} ${get("timeZoneName")}`;
}

/** The first characters of a hash or id, enough to tell two apart: 8 unless asked. Ids (uuid v7) show their random end. */
export function shortId(id: string, length = 8): string {
  if (id.length <= length + 2) return id;
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id) ? `…${id.slice(-length)}` : id.slice(0, length);
}

/** "1 run", "1,234 runs"; an irregular plural is given. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** "non_inferior" → "Non inferior": the word for a value that has no word of its own. */
export function humanise(value: string): string {
  const words = value.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function groupThousands(text: string): string {
  const [whole = "", rest] = text.split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}
