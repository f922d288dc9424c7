"use client";

import { useEffect } from "react";
import { usePageRefresh } from "./page-refresh.ts";

/** Asks for the page again while it is looked at, for what announces no change: heartbeats and queues. */
export function RefreshEvery({ seconds }: { seconds: number }) {
  const refresh = usePageRefresh();
  useEffect(() => {
    const each = setInterval(() => {
      if (document.visibilityState === "visible") refresh();
    }, seconds * 1000);
    return () => clearInterval(each);
  }, [refresh, seconds]);
  return null;
}
