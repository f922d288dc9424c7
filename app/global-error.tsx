"use client";

import "./globals.css";
import { PageError } from "#components/shell/page-state.tsx";
import { TooltipProvider } from "#components/ui/tooltip.tsx";

/** Stands in for the whole document when even the root layout failed. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Touchstone</title>
        <main className="px-4">
          <TooltipProvider>
            <PageError error={error} retry={reset} />
          </TooltipProvider>
        </main>
      </body>
    </html>
  );
}
