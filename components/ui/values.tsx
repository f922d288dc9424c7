"use client";

import { useSyncExternalStore } from "react";
import { cn } from "./cn.ts";
import { formatBytes, formatDuration, formatExact, formatNumber, formatPercent, formatRelative } from "./format.ts";

const TICK = 15_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for every time on the page, not one timer each. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

const coarseNow = (): number => Math.floor(Date.now() / TICK) * TICK + TICK;
const never = (): (() => void) => () => undefined;

/** False while the server's text is taken over, then true: for what only the browser knows (time zone, platform). */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}

/** A time relative to now, exact (in the reader's zone) on hover. Null is an en dash. */
export function Time({
  at,
  className,
}: {
  at: Date | string | number | null | undefined;
  className?: string | undefined;
}) {
  const now = useSyncExternalStore(subscribe, coarseNow, coarseNow);
  const hydrated = useHydrated();
  if (at === null || at === undefined) return <span className={className}>–</span>;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span className={className}>–</span>;
  const zone = hydrated ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
  // Server and browser may disagree by one unit at the turn of a minute; the next tick settles it.
  return (
    <time
      dateTime={date.toISOString()}
      title={formatExact(date, zone)}
      className={cn("whitespace-nowrap", className)}
      suppressHydrationWarning
    >
      {formatRelative(date, now)}
    </time>
  );
}

/** A duration in milliseconds as "1 m 12 s". */
export function Duration({ ms, className }: { ms: number | null | undefined; className?: string | undefined }) {
  return <Figure text={formatDuration(ms)} className={className} />;
}

/** The time since `from`, or from `from` to `to`; runs on while `to` is null. */
export function Elapsed({
  from,
  to,
  className,
}: {
  from: Date | string | number | null | undefined;
  to?: Date | string | number | null | undefined;
  className?: string | undefined;
}) {
  const now = useSyncExternalStore(subscribeSecond, secondNow, secondNow);
  if (from === null || from === undefined) return <Figure text="–" className={className} />;
  const end = to === null || to === undefined ? now : new Date(to).getTime();
  return <Figure text={formatDuration(Math.max(0, end - new Date(from).getTime()))} className={className} />;
}

/** How long until a moment: "in 24 s", counted down; "now" once it has come. */
export function Until({ at }: { at: number }) {
  const now = useSyncExternalStore(subscribeSecond, secondNow, secondNow);
  const left = Math.ceil((at - now) / 1000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(new Date(at))} suppressHydrationWarning>
      {left <= 0 ? "now" : left < 120 ? `in ${left} s` : `in ${formatDuration(left * 1000)}`}
    </time>
  );
}

/** Bytes in binary units, the exact count on hover. */
export function Bytes({
  value,
  className,
}: {
  value: number | bigint | null | undefined;
  className?: string | undefined;
}) {
  return (
    <Figure
      text={formatBytes(value)}
      exact={value === null || value === undefined ? undefined : `${formatNumber(value)} bytes`}
      className={className}
    />
  );
}

/** A number with 3 significant digits unless asked, the exact one on hover. */
export function Num({
  value,
  digits,
  unit,
  className,
}: {
  value: number | bigint | null | undefined;
  digits?: number | undefined;
  unit?: string | undefined;
  className?: string | undefined;
}) {
  const text = formatNumber(value, digits);
  return (
    <Figure
      text={unit === undefined || value === null || value === undefined ? text : `${text} ${unit}`}
      exact={value === null || value === undefined ? undefined : String(value)}
      className={className}
    />
  );
}

/** A fraction (0 to 1) as a percentage. */
export function Percent({
  value,
  decimals,
  className,
}: {
  value: number | null | undefined;
  decimals?: number | undefined;
  className?: string | undefined;
}) {
  return <Figure text={formatPercent(value, decimals)} className={className} />;
}

function Figure({
  text,
  exact,
  className,
}: {
  text: string;
  exact?: string | undefined;
  className?: string | undefined;
}) {
  return (
    <span
      data-number
      title={exact === text ? undefined : exact}
      className={cn("whitespace-nowrap", className)}
      suppressHydrationWarning
    >
      {text}
    </span>
  );
}

const secondNow = (): number => Math.floor(Date.now() / 1000) * 1000;

function subscribeSecond(listener: () => void): () => void {
  const each = setInterval(listener, 1000);
  return () => clearInterval(each);
}
