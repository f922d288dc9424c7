import type { WindowLength } from "./contract.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface EventWindow {
  /** Milliseconds since 1970; the start belongs to the window, the end to the next. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** The window that a point in time (milliseconds since 1970) falls into. Windows are of UTC; a week begins on Monday. */
export function windowOf(at: number, length: WindowLength): EventWindow {
  const day = Math.floor(at / DAY_MS) * DAY_MS;
  switch (length) {
    case "hour": {
      const startsAt = Math.floor(at / HOUR_MS) * HOUR_MS;
      return { startsAt, endsAt: startsAt + HOUR_MS };
    }
    case "day":
      return { startsAt: day, endsAt: day + DAY_MS };
    case "week": {
      const startsAt = day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS;
      return { startsAt, endsAt: startsAt + 7 * DAY_MS };
    }
    case "month": {
      const date = new Date(at);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { startsAt: Date.UTC(year, month, 1), endsAt: Date.UTC(year, month + 1, 1) };
    }
  }
}

/** The windows that a day of UTC (its start, in milliseconds since 1970) touches: 24 of an hour, else one. */
export function windowsOfDay(day: number, length: WindowLength): EventWindow[] {
  return length === "hour"
    ? Array.from({ length: 24 }, (_, hour) => windowOf(day + hour * HOUR_MS, "hour"))
    : [windowOf(day, length)];
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A window in words: "July 2013", "week of 1 July 2013", "1 July 2013", "1 July 2013, 14:00". */
export function windowLabel(startsAt: number, length: WindowLength): string {
  const date = new Date(startsAt);
  const month = `${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCFullYear()}`;
  const day = `${date.getUTCDate()} ${month}`;
  if (length === "month") return month;
  if (length === "week") return `week of ${day}`;
  return length === "day" ? day : `${day}, ${String(date.getUTCHours()).padStart(2, "0")}:00`;
}
