import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export type KeyValueItem = { label: ReactNode; value: ReactNode } | false | null | undefined;

/** "At a glance": labels and values; false and null items are left out, so a condition can stand in the list. */
export function KeyValue({
  items,
  columns = 1,
  className,
}: {
  items: readonly KeyValueItem[];
  columns?: 1 | 2 | 3 | undefined;
  className?: string | undefined;
}) {
  const shown = items.filter((item) => item !== false && item !== null && item !== undefined);
  return (
    <dl
      className={cn(
        "grid gap-x-6 gap-y-1.5 text-sm",
        columns === 2 && "sm:grid-cols-2",
        columns === 3 && "sm:grid-cols-2 lg:grid-cols-3",
        className,
      )}
    >
      {shown.map((item, index) => (
        <div key={index} className="flex min-w-0 items-baseline gap-3">
          <dt className="w-28 shrink-0 text-muted">{item.label}</dt>
          <dd className="min-w-0 flex-1 break-words">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
