import { cn } from "#components/ui/cn.ts";

/** The mark: a dark stone on which gold left its streak. */
export function Mark({ className }: { className?: string | undefined }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cn("size-5 shrink-0", className)}>
      <path d="M9.6 3.2 21.9 2l7.1 8.3-1.3 12.9-8.9 6.8-12.2-2.2L3 16.4z" fill="var(--stone)" />
      <path d="M9.6 3.2 21.9 2l7.1 8.3-12.6 1.5L3 16.4z" fill="var(--stone-lit)" />
      <path d="m8.2 23.4 15.4-14" stroke="var(--streak)" strokeWidth="3.4" strokeLinecap="round" />
    </svg>
  );
}

/** Mark and name. */
export function Logo({ className }: { className?: string | undefined }) {
  return (
    <span className={cn("inline-flex items-center gap-2 text-base font-semibold tracking-tight", className)}>
      <Mark />
      Touchstone
    </span>
  );
}
