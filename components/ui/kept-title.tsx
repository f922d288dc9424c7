"use client";

import { useEffect } from "react";

/**
 * Keeps the page's last title while there is none; stands once in the root layout. Each time a page is asked for again Next takes its title away before the one
 * that replaces it is there, and browsers show the address meanwhile (vercel/next.js#65872): a tab in which runs arrive would flicker.
 */
export function KeptTitle() {
  useEffect(() => {
    const kept = document.createElement("title");
    const look = (): void => {
      const own = [...document.head.querySelectorAll("title")].find((each) => each !== kept);
      if (own !== undefined && own.text !== "") {
        kept.remove();
        kept.text = own.text;
      } else if (!kept.isConnected) document.head.append(kept);
    };
    look();
    // Before the next picture is painted: an observer is called at the end of the task that changed something.
    const observer = new MutationObserver(look);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      kept.remove();
    };
  }, []);
  return null;
}
