import { formatPercent } from "#components/ui/format.ts";

/** The probability of each class as a bar with its figure, in the model's order. */
export function Probabilities({ items }: { items: readonly { readonly label: string; readonly value: number }[] }) {
  return (
    <ul className="max-w-md space-y-1 text-xs" aria-label="Probabilities">
      {items.map(({ label, value }) => (
        <li key={label} className="grid grid-cols-[minmax(80px,30%)_1fr_52px] items-center gap-2">
          <span className="truncate" title={label}>
            {label}
          </span>
          <span className="h-2 rounded-sm bg-raised" aria-hidden>
            <span
              className="block h-2 rounded-sm bg-chart-6"
              style={{ width: `${Math.max(0, Math.min(1, value)) * 100}%` }}
            />
          </span>
          <span className="num">{formatPercent(value)}</span>
        </li>
      ))}
    </ul>
  );
}
