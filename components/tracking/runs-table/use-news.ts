"use client";

import { useEffect, useRef } from "react";
import { useLiveEvent } from "#components/ui/live.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";

/** News of runs are looked at this often at most. */
const ROWS_MS = 1500;
/** The experiments and their counts cost more to read and change less. */
const PAGE_MS = 5000;

/** Calls `refresh` when runs have changed, and reads the page itself again now and then: at once after a quiet time, never all the time. */
export function useNews(refresh: () => void): void {
  const rows = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const page = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const read = useRef(0);
  useLiveEvent(["runs"], () => {
    rows.current ??= setTimeout(() => {
      rows.current = undefined;
      refresh();
    }, ROWS_MS);
    page.current ??= setTimeout(
      () => {
        page.current = undefined;
        read.current = Date.now();
        refreshPage();
      },
      Math.max(200, read.current + PAGE_MS - Date.now()),
    );
  });
  useEffect(
    () => () => {
      clearTimeout(rows.current);
      clearTimeout(page.current);
      rows.current = page.current = undefined;
    },
    [],
  );
}
