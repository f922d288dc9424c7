"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Button } from "./button.tsx";
import { formatNumber } from "./format.ts";
import { IconButton } from "./icon-button.tsx";

type PaginationProps = {
  /** From 1. */
  page: number;
  pageSize: number;
  total: number;
  /** Goes to a page; without it the page number is put into the URL as `param` and the server is asked. */
  onPage?: ((page: number) => void) | undefined;
  param?: string | undefined;
};

/** Which part of the list is shown, and one step on or back. */
export function Pagination({ page, pageSize, total, onPage, param = "page" }: PaginationProps) {
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const last = Math.max(1, Math.ceil(total / pageSize));
  const go = (to: number): void => {
    if (onPage !== undefined) {
      onPage(to);
      return;
    }
    const next = new URLSearchParams(search);
    if (to === 1) next.delete(param);
    else next.set(param, String(to));
    router.push(`${path}?${next.toString()}`);
  };
  return (
    <nav aria-label="Pages" className="flex items-center justify-end gap-2 text-xs text-muted" data-number>
      <span>
        {total === 0
          ? "0"
          : `${formatNumber((page - 1) * pageSize + 1)}–${formatNumber(Math.min(total, page * pageSize))}`}{" "}
        of {formatNumber(total)}
      </span>
      <IconButton
        size="sm"
        label="Previous page"
        icon={<ChevronLeft aria-hidden />}
        disabled={page <= 1}
        onClick={() => go(page - 1)}
      />
      <IconButton
        size="sm"
        label="Next page"
        icon={<ChevronRight aria-hidden />}
        disabled={page >= last}
        onClick={() => go(page + 1)}
      />
    </nav>
  );
}

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
