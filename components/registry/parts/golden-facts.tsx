import type { GoldenSummary, GoldenWorst } from "#server/registry/contract.ts";
import { formatNumber, formatStated } from "#components/ui/format.ts";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Time } from "#components/ui/values.tsx";

const shown = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));

/** Where golden rows come from, how closely they were compared, and how near the worst value came. */
export function GoldenFacts({ golden }: { golden: GoldenSummary }) {
  const { rows, source, framework, tolerance, outputs, check } = golden;
  const worst = check?.worst ?? null;
  const nearest =
    worst?.difference === null || worst === null || worst.allowed === null
      ? null
      : `${formatStated(worst.difference)} of ${formatStated(worst.allowed)} allowed (row ${worst.row + 1}, ${placeOf(worst)})`;
  return (
    <KeyValue
      columns={2}
      items={[
        { label: "Rows", value: <span className="tabular-nums">{formatNumber(rows)}</span> },
        { label: "Answers by", value: framework ?? "not stated" },
        { label: "Compared", value: outputs.join(", ") },
        {
          label: "Tolerance",
          value: `${formatStated(tolerance.absolute)} + ${formatStated(tolerance.relative)} × |expected|`,
        },
        { label: "Logged as", value: <span className="font-mono text-xs break-all">{source}</span> },
        check !== null && { label: "Checked", value: <Time at={check.checkedAt} /> },
        nearest !== null && check?.state === "agrees" && { label: "Worst difference", value: nearest },
        check !== null &&
          check.ties > 0 && {
            label: "Ties",
            value: `${check.ties} ${check.ties === 1 ? "row is" : "rows are"} of another class, of two equally probable ones`,
          },
      ]}
    />
  );
}

function placeOf({ output, index }: GoldenWorst): string {
  return index === null ? output : `${output}[${index}]`;
}

/** One row that the file answers otherwise, with all that is needed to repeat it. */
export function WorstRow({ worst }: { worst: GoldenWorst }) {
  const { row, expected, got, difference, allowed, inputs } = worst;
  return (
    <div className="flex flex-col gap-3">
      <table className="w-full text-xs">
        <thead>
          <tr className="border-b text-muted">
            {["Row", "Output", "Training framework", "Model", "Difference", "Allowed"].map((title, i) => (
              <th key={title} scope="col" className={`py-1.5 pr-3 font-medium ${i > 1 ? "text-right" : "text-left"}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className="font-mono tabular-nums">
            <td className="py-1.5 pr-3">{row + 1}</td>
            <td className="py-1.5 pr-3">{placeOf(worst)}</td>
            <td className="py-1.5 pr-3 text-right">{shown(expected)}</td>
            <td className="py-1.5 pr-3 text-right text-bad">{shown(got)}</td>
            <td className="py-1.5 pr-3 text-right">{formatStated(difference)}</td>
            <td className="py-1.5 pr-3 text-right">{formatStated(allowed)}</td>
          </tr>
        </tbody>
      </table>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 font-mono text-xs sm:grid-cols-[auto_1fr_auto_1fr]">
        {Object.entries(inputs).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">
              {Array.isArray(value) ? `[${value.map(shown).join(", ")}]` : value === null ? "missing" : shown(value)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
