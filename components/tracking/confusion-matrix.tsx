"use client";

import { useState } from "react";
import { ChartFrame } from "#components/ui/charts/chart-frame.tsx";
import { cn } from "#components/ui/cn.ts";
import { formatCompact, formatPercent } from "#components/ui/format.ts";
import { Select } from "#components/ui/input.tsx";
import type { ConfusionDto } from "#server/tracking/contract.ts";

const MOST = 30;
type Norm = "counts" | "actual";

/** Actual against predicted classes; the shade is the share of the row, so that rare classes show as well as frequent ones. */
export function ConfusionMatrix({
  title = "Confusion matrix",
  confusion,
}: {
  title?: string;
  confusion: ConfusionDto;
}) {
  const [norm, setNorm] = useState<Norm>("counts");
  const { classes, counts } = confusion;
  const sums = counts.map((row) => row.reduce((total, n) => total + n, 0));
  const shown = classes.slice(0, MOST);
  return (
    <ChartFrame
      title={title}
      description={`${sums.reduce((a, b) => a + b, 0).toLocaleString("en")} rows${classes.length > MOST ? `; the first ${MOST} of ${classes.length} classes` : ""}`}
      table={() => ({
        columns: ["actual", ...classes],
        rows: counts.map((row, i) => [classes[i] ?? "", ...row]),
      })}
      png={false}
      height={280}
      actions={
        <Select
          size="sm"
          className="w-32"
          aria-label="What the cells say"
          value={norm}
          onValueChange={(value) => setNorm(value as Norm)}
          options={[
            { value: "counts", label: "Rows" },
            { value: "actual", label: "% of actual" },
          ]}
        />
      }
    >
      {() => (
        <div className="max-h-96 overflow-auto px-3 pb-3" tabIndex={0} role="region" aria-label={title}>
          <table className="border-separate border-spacing-0.5 text-xs">
            <thead>
              <tr>
                <th className="px-1 text-left font-normal text-muted">actual ↓ predicted →</th>
                {shown.map((name) => (
                  <th key={name} scope="col" className="max-w-28 truncate px-1 font-medium" title={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((name, i) => (
                <tr key={name}>
                  <th scope="row" className="max-w-40 truncate px-1 text-left font-medium" title={name}>
                    {name}
                  </th>
                  {shown.map((other, k) => {
                    const n = counts[i]?.[k] ?? 0;
                    const share = n / Math.max(1, sums[i] ?? 0);
                    return (
                      <td
                        key={other}
                        title={`${name} predicted as ${other}: ${n.toLocaleString("en")} of ${(sums[i] ?? 0).toLocaleString("en")}`}
                        className={cn("num h-10 min-w-16 rounded-sm px-2 text-center", n === 0 && "text-muted")}
                        style={{
                          background: `color-mix(in srgb, var(--chart-1) ${Math.round(share * 55)}%, var(--raised))`,
                        }}
                      >
                        {norm === "counts" ? formatCompact(n) : formatPercent(share)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </ChartFrame>
  );
}
