"use client";

import { useLayoutEffect, useState } from "react";

const LEAST = 280;
const MARGIN = 16;

/**
 * How high a box may grow, in pixels, so that it ends with the window when the page is scrolled to its top. Undefined until
 * measured. A list then scrolls inside, with its header and its scroll bar always in sight.
 */
export function useRoomBelow(box: HTMLElement | null): number | undefined {
  const [room, setRoom] = useState<number>();
  useLayoutEffect(() => {
    if (box === null) return;
    const measure = (): void => {
      const top = box.getBoundingClientRect().top + window.scrollY;
      setRoom(Math.max(LEAST, Math.floor(window.innerHeight - top - MARGIN)));
    };
    measure();
    // The box moves when the toolbar wraps or a banner comes: both change the size of the body.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [box]);
  return room;
}
