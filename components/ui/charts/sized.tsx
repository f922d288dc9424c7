"use client";

import { type ReactNode, useCallback, useRef, useState } from "react";

/** Draws its content at the width that the page gives it, and again when that changes. */
export function Sized({ height, children }: { height?: number | undefined; children: (width: number) => ReactNode }) {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  const measure = useCallback((element: HTMLDivElement | null) => {
    observer.current?.disconnect();
    observer.current = null;
    if (element === null) return;
    observer.current = new ResizeObserver(() => setWidth(Math.round(element.clientWidth)));
    observer.current.observe(element);
  }, []);
  return (
    <div ref={measure} className="min-w-0" style={height === undefined ? undefined : { height }}>
      {width > 0 ? children(width) : null}
    </div>
  );
}
