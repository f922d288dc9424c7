"use client";

import { Button } from "./button.tsx";
import { formatNumber } from "./format.ts";

/** For lists with a cursor: how many are shown, and a button for more. Nothing when there is no more. */
export function LoadMore({
  onMore,
  loading,
  shown,
  total,
}: {
  onMore: (() => void) | null;
  loading?: boolean | undefined;
  shown: number;
  total?: number | undefined;
}) {
  if (onMore === null) return null;
  return (
    <div className="flex items-center justify-center gap-3 py-3 text-xs text-muted" data-number>
      <span>
        {formatNumber(shown)} shown{total === undefined ? "" : ` of ${formatNumber(total)}`}
      </span>
      <Button size="sm" loading={loading} onClick={onMore}>
        Show more
      </Button>
    </div>
  );
}
