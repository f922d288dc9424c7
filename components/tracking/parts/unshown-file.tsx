import { ErrorNote } from "#components/ui/error-note.tsx";

interface UnshownFileProps {
  readonly query: { readonly error: Error | null; readonly refetch: () => unknown };
}

/** Stands in the frame of a file that could not be read. */
export function UnshownFile({ query }: UnshownFileProps) {
  return (
    <ErrorNote
      className="rounded-none border-0"
      title="It cannot be shown here"
      error={query.error}
      onRetry={() => void query.refetch()}
    />
  );
}
