"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef, useTransition } from "react";
import { noteMove } from "./address.ts";
import { RefreshQueue } from "./refresh-queue.ts";

let queue: RefreshQueue | null = null;

/** Asks the server for the page again, after an act of the reader and for what changes while they read. */
export function refreshPage(): void {
  queue?.want();
}

/**
 * Does what `refreshPage` asks for; stands once in the root layout.
 *
 * Not by the router's refresh alone: that asks for the page which the router has, and where `setSearchParams` has written another search since, the answer is of
 * another page for it. It asks a second time, and should the address change once more meanwhile, or somebody else ask, it loads the whole page anew in the
 * browser (Next 16, render-tree.js, `previousNavigationDidMismatch`), and what was being dragged or typed is lost. Going to where one is makes the two agree.
 * A change of the address takes precedence over what is being asked for, whose answer may be thrown away (app-router-instance.js, `discarded`).
 */
export function PageRefresher() {
  const router = useRouter();
  const [asking, startAsking] = useTransition();
  const wasAsking = useRef(false);
  const ask = useEffectEvent((addressIsAhead: boolean) => {
    startAsking(() => {
      if (addressIsAhead) router.replace(window.location.href, { scroll: false });
      else router.refresh();
    });
  });
  useEffect(() => {
    const made = new RefreshQueue((addressIsAhead) => ask(addressIsAhead));
    queue = made;
    window.addEventListener("popstate", noteMove);
    return () => {
      queue = null;
      made.close();
      window.removeEventListener("popstate", noteMove);
    };
  }, []);
  useEffect(() => {
    if (wasAsking.current && !asking) queue?.onAnswered();
    wasAsking.current = asking;
  }, [asking]);
  return null;
}
