import { formatDuration } from "#components/ui/format.ts";
import { Duration, Elapsed } from "#components/ui/values.tsx";

interface Props {
  startedAt: string | null;
  finishedAt: string | null;
  durationMs: number | null;
  medianMs: number | null;
}

/** How long it took, or has been taking, beside the median of earlier runs. */
export function DurationAgainstMedian({ startedAt, finishedAt, durationMs, medianMs }: Props) {
  if (startedAt === null && durationMs === null) return <span className="text-muted">–</span>;
  return (
    <span className="whitespace-nowrap">
      {durationMs === null ? <Elapsed from={startedAt} to={finishedAt} /> : <Duration ms={durationMs} />}
      {medianMs === null ? null : (
        <span className="text-muted" data-number title="Median of the earlier runs that succeeded">
          {" "}
          / {formatDuration(medianMs)}
        </span>
      )}
    </span>
  );
}
