"use client";

import { useRouter } from "next/navigation";
import { useCallback } from "react";
import { takeAddressAhead } from "./url-state.ts";

/**
 * Asks the server for the page again, for what changes while somebody reads it.
 *
 * Not by the router's refresh alone: that asks for the page which the router has, and where `setSearchParams` has written another search since, the answer is of
 * another page for it. It asks a second time, and should the address change once more meanwhile, as with every tick of a slider, it loads the whole page
 * anew in the browser (Next 16, render-tree.js, `previousNavigationDidMismatch`), and what was being dragged or typed is lost. Going to where one is
 * makes the two agree.
 */
export function usePageRefresh(): () => void {
  const router = useRouter();
  return useCallback(() => {
    if (takeAddressAhead()) router.replace(window.location.href, { scroll: false });
    else router.refresh();
  }, [router]);
}
