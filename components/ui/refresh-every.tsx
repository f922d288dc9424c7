"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Asks for the page again while it is looked at, for what announces no change: heartbeats and queues. */
export function RefreshEvery({ seconds }: { seconds: number }) {
  const router = useRouter();
  useEffect(() => {
    const each = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, seconds * 1000);
    return () => clearInterval(each);
  }, [router, seconds]);
  return null;
}
