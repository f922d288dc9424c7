import { Ban, CircleHelp, Equal, TrendingDown, TrendingUp } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, type Tone } from "./badge.tsx";
import { cn } from "./cn.ts";

export type VerdictValue = "superior" | "non_inferior" | "inferior" | "inconclusive" | "invalid";

const LOOKS: Record<VerdictValue, { tone: Tone; icon: ReactNode; word: string; edge: string }> = {
  superior: { tone: "good", icon: <TrendingUp aria-hidden />, word: "Superior", edge: "border-l-good" },
  non_inferior: { tone: "good", icon: <Equal aria-hidden />, word: "Non-inferior", edge: "border-l-good" },
  inferior: { tone: "bad", icon: <TrendingDown aria-hidden />, word: "Inferior", edge: "border-l-bad" },
  inconclusive: { tone: "warn", icon: <CircleHelp aria-hidden />, word: "Inconclusive", edge: "border-l-warn" },
  invalid: { tone: "bad", icon: <Ban aria-hidden />, word: "Invalid", edge: "border-l-bad" },
};

/** The verdict as a badge, for tables and headers. Accepts "non-inferior" as well. */
export function Verdict({ value, size }: { value: VerdictValue | "non-inferior"; size?: "sm" | "md" | undefined }) {
  const look = LOOKS[value === "non-inferior" ? "non_inferior" : value];
  return (
    <Badge tone={look.tone} icon={look.icon} size={size}>
      {look.word}
    </Badge>
  );
}

type VerdictBannerProps = {
  value: VerdictValue | "non-inferior";
  /** One sentence with its numbers: "On 8,412 flights the challenger is better by 0.9 points, at least 0.2." */
  sentence: ReactNode;
  /** What the number rests on: sample size, interval, what is not known. */
  detail?: ReactNode;
  actions?: ReactNode;
};

/** The verdict at the top of a decision page: the sentence first, the evidence's size under it, the acts at the right. */
export function VerdictBanner({ value, sentence, detail, actions }: VerdictBannerProps) {
  const look = LOOKS[value === "non-inferior" ? "non_inferior" : value];
  return (
    <div
      className={cn(
        "flex flex-wrap items-start gap-x-4 gap-y-3 rounded-md border border-l-4 bg-surface px-4 py-3",
        look.edge,
      )}
    >
      <div className="min-w-0 flex-1 basis-96 space-y-1.5">
        <Verdict value={value} size="md" />
        <p className="text-lg font-medium text-balance">{sentence}</p>
        {detail === undefined ? null : <div className="text-sm text-muted">{detail}</div>}
      </div>
      {actions === undefined ? null : <div className="flex items-center gap-2">{actions}</div>}
    </div>
  );
}
