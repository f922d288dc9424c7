"use client";

import { PageError } from "#components/shell/page-state.tsx";

export default function RootError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="px-4">
      <PageError error={error} retry={reset} />
    </main>
  );
}
