import { type VariantProps, cva } from "class-variance-authority";
import { CircleCheck, CircleX, Info, Minus, Trophy, TriangleAlert, Swords } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

const badgeStyle = cva(
  "inline-flex max-w-full shrink-0 items-center gap-1 rounded-sm font-medium whitespace-nowrap [&_svg]:shrink-0",
  {
    variants: {
      tone: {
        neutral: "bg-raised text-muted",
        good: "bg-good-soft text-good",
        bad: "bg-bad-soft text-bad",
        warn: "bg-warn-soft text-warn",
        info: "bg-info-soft text-info",
        gold: "bg-gold-soft text-gold",
        steel: "bg-steel-soft text-steel",
      },
      size: { sm: "h-5 px-1.5 text-2xs [&_svg]:size-3", md: "h-6 px-2 text-xs [&_svg]:size-3.5" },
    },
    defaultVariants: { tone: "neutral", size: "sm" },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeStyle>["tone"]>;

/** The icon that a tone carries when no better one is given: colour never speaks alone. */
const TONE_ICONS: Record<Tone, ReactNode> = {
  neutral: <Minus aria-hidden />,
  good: <CircleCheck aria-hidden />,
  bad: <CircleX aria-hidden />,
  warn: <TriangleAlert aria-hidden />,
  info: <Info aria-hidden />,
  gold: <Trophy aria-hidden />,
  steel: <Swords aria-hidden />,
};

type BadgeProps = {
  /** gold is for the champion alone, steel for the challenger alone. */
  tone?: Tone | undefined;
  size?: "sm" | "md" | undefined;
  /** `null` leaves the icon out; only for neutral labels such as a count or a kind. */
  icon?: ReactNode;
  title?: string | undefined;
  className?: string | undefined;
  children: ReactNode;
};

/** A small label: an icon and a word. */
export function Badge({ tone = "neutral", size, icon, title, className, children }: BadgeProps) {
  const shown = icon === undefined ? (tone === "neutral" ? null : TONE_ICONS[tone]) : icon;
  return (
    <span title={title} className={cn(badgeStyle({ tone, size }), className)}>
      {shown}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A model version's alias; champion is gold, challenger is steel, any other is neutral. */
export function AliasBadge({ alias, size }: { alias: string; size?: "sm" | "md" | undefined }) {
  const tone: Tone = alias === "champion" ? "gold" : alias === "challenger" ? "steel" : "neutral";
  return (
    <Badge tone={tone} size={size}>
      {tone === "neutral" ? `@${alias}` : alias}
    </Badge>
  );
}
