import type { ReactNode } from "react";

/** A detail page's body: the content, and a right column "at a glance" that goes under it on small screens. */
export function DetailLayout({ aside, children }: { aside: ReactNode; children: ReactNode }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_320px]">
      <div className="min-w-0">{children}</div>
      <aside aria-label="At a glance" className="grid min-w-0 gap-3 sm:max-xl:grid-cols-2">
        {aside}
      </aside>
    </div>
  );
}
