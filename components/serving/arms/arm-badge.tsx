import { Bird, Ghost, LifeBuoy, Split, Trophy } from "lucide-react";
import type { ReactNode } from "react";
import type { ServedArm } from "#server/serving/contract.ts";
import { Badge, type Tone } from "#components/ui/badge.tsx";
import { ARM_NAMES } from "./arm-words.ts";

const LOOKS: Readonly<Record<ServedArm, { tone: Tone; icon: ReactNode }>> = {
  champion: { tone: "gold", icon: <Trophy aria-hidden /> },
  canary: { tone: "steel", icon: <Bird aria-hidden /> },
  ab: { tone: "steel", icon: <Split aria-hidden /> },
  shadow: { tone: "neutral", icon: <Ghost aria-hidden /> },
  fallback: { tone: "warn", icon: <LifeBuoy aria-hidden /> },
};

/** The role of a version in an endpoint's traffic: champion in gold, those that challenge it in steel, always an icon and a word. */
export function ArmBadge({ arm }: { arm: ServedArm }) {
  const { tone, icon } = LOOKS[arm];
  return (
    <Badge tone={tone} icon={icon}>
      {ARM_NAMES[arm]}
    </Badge>
  );
}
