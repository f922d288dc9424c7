"use client";

import { useEffect } from "react";
import { refreshPage } from "./page-refresh.tsx";

/** Asks for the page again while it is looked at, for what announces no change: heartbeats and queues. */
export function RefreshEvery({ seconds }: { seconds: number }) {
  useEffect(() => {
    const each = setInterval(() => {
      if (document.visibilityState === "visible") refreshPage();
    }, seconds * 1000);
    return () => clearInterval(each);
  }, [seconds]);
  return null;
}
