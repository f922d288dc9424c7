import { CircleAlert } from "lucide-react";

interface Props {
  /** Why not all is well; null when it is. */
  reason: string | null;
  health: string;
  /** How it does, when all is well. */
  words: string;
}

/** All is well, or why not, in one sentence. */
export function HealthWords({ reason, health, words }: Props) {
  if (reason === null) return <p className="text-sm">{words}</p>;
  const isBad = health === "failing" || health === "down";
  return (
    <div
      role="status"
      className={`flex items-start gap-2 rounded-md px-3 py-2 text-sm ${isBad ? "bg-bad-soft" : "bg-warn-soft"}`}
    >
      <CircleAlert className={`mt-0.5 size-4 shrink-0 ${isBad ? "text-bad" : "text-warn"}`} aria-hidden />
      <p className="break-words">{reason}</p>
    </div>
  );
}
