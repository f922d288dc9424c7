"use client";

import { useState } from "react";
import { Field } from "#components/ui/field.tsx";
import { formatNumber } from "#components/ui/format.ts";
import { Input } from "#components/ui/input.tsx";
import type { Brush, ParallelAxis } from "./parallel-axes.ts";

type Side = "low" | "high";
const NAMES: Readonly<Record<Side, string>> = { low: "From", high: "To" };

interface Typed {
  /** The brush that the texts began as; another one replaces them. */
  readonly of: Brush | null;
  readonly low: string;
  readonly high: string;
  readonly wrong: Readonly<Partial<Record<Side, string>>>;
}

const textOf = (brush: Brush | null, side: Side): string => (brush === null ? "" : String(brush[side]));
const begun = (of: Brush | null): Typed => ({ of, low: textOf(of, "low"), high: textOf(of, "high"), wrong: {} });

/** The exact limits of the chosen part of an axis. An empty field sets none; what cannot be a limit says why, and the chosen part stays. */
export function AxisLimits({
  axis,
  brush,
  onBrush,
}: {
  axis: ParallelAxis;
  brush: Brush | null;
  onBrush: (brush: Brush | null) => void;
}) {
  const [kept, setTyped] = useState(() => begun(brush));
  const isSame = kept.of?.low === brush?.low && kept.of?.high === brush?.high;
  const typed = isSame ? kept : begun(brush);
  const [least, greatest] = axis.range;

  const commit = (side: Side): void => {
    // Whoever only looked at a field has set nothing.
    if (typed[side] === textOf(brush, side)) {
      setTyped({ ...typed, wrong: { ...typed.wrong, [side]: undefined } });
      return;
    }
    const text = typed[side].trim().replace(",", ".");
    const limit = text === "" ? (side === "low" ? least : greatest) : Number(text);
    const next = { field: axis.field, low: brush?.low ?? least, high: brush?.high ?? greatest, [side]: limit };
    const why = !Number.isFinite(limit)
      ? "A number is expected."
      : next.low > next.high
        ? `From is greater than To.`
        : undefined;
    setTyped({ ...typed, wrong: { [side]: why } });
    if (why === undefined) onBrush(next.low <= least && next.high >= greatest ? null : next);
  };

  return (
    <div className="grid grid-cols-2 gap-2">
      {(["low", "high"] as const).map((side) => (
        <Field key={side} label={NAMES[side]} error={typed.wrong[side]}>
          <Input
            value={typed[side]}
            placeholder={formatNumber(side === "low" ? least : greatest, 4)}
            inputMode="decimal"
            onChange={(event) => setTyped({ ...typed, [side]: event.target.value })}
            onBlur={() => commit(side)}
            onKeyDown={(event) => (event.key === "Enter" ? commit(side) : undefined)}
          />
        </Field>
      ))}
    </div>
  );
}
