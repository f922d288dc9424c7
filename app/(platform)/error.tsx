"use client";

import { PageError } from "#components/shell/page-state.tsx";

export default function FramedError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <PageError error={error} retry={reset} />;
}
