import type { EndpointDetail } from "#server/serving/contract.ts";
import { ArmBadge } from "./arm-badge.tsx";
import { ARM_NAMES, shareText, splitOf } from "./arm-words.ts";

/** Which version answers which share of the requests now, as a bar and in words. */
export function SplitBar({ endpoint }: { endpoint: EndpointDetail }) {
  const { live, arms } = endpoint;
  if (!live) return null;
  const { arm, champion } = splitOf(arms);
  const parts = [
    { id: "champion" as const, version: live.version, share: champion, fill: "bg-gold-fill" },
    ...(arm && arm.kind !== "shadow"
      ? [{ id: arm.kind, version: arm.version, share: arm.share, fill: "bg-steel-fill" }]
      : []),
  ];
  const words = parts.map((part) => `${ARM_NAMES[part.id]} version ${part.version}: ${shareText(part.share)}`);
  return (
    <div className="space-y-2">
      <div role="img" aria-label={`Split of the requests. ${words.join(", ")}`} className="flex h-3 gap-0.5">
        {parts.map((part) =>
          part.share > 0 ? (
            <span
              key={part.id}
              className={`min-w-1 rounded-sm ${part.fill}`}
              style={{ flexGrow: part.share, flexBasis: 0 }}
            />
          ) : null,
        )}
      </div>
      <ul className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {parts.map((part) => (
          <li key={part.id} className="flex items-center gap-2">
            <ArmBadge arm={part.id} />
            <span data-number>
              version {part.version} answers <strong className="font-semibold">{shareText(part.share)}</strong>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
