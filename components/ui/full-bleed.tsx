import type { ReactNode } from "react";

/** Takes the whole area under the top bar, without the frame's padding: for the workbench. */
export function FullBleed({ children }: { children: ReactNode }) {
  return (
    <div data-full-bleed className="h-[calc(100dvh-48px)] min-h-0 overflow-hidden">
      {children}
    </div>
  );
}
