import { Badge } from "#components/ui/badge.tsx";
import type { VersionState } from "#server/registry/contract.ts";

const WORDS: Readonly<Record<VersionState, string>> = {
  registered: "registered",
  candidate: "being checked",
  challenger: "challenger",
  champion: "champion",
  retired: "retired",
  rejected: "rejected",
};

/** Where a version stands. Gold is the champion's alone, steel the challenger's. */
export function StateBadge({ state }: { state: VersionState }) {
  const tone =
    state === "champion" ? "gold" : state === "challenger" ? "steel" : state === "rejected" ? "bad" : "neutral";
  return <Badge tone={tone}>{WORDS[state]}</Badge>;
}
