import type { ReactNode } from "react";
import type { VersionDto } from "#server/registry/contract.ts";
import { TextLink } from "#components/ui/button.tsx";
import { Hash } from "#components/ui/copy.tsx";
import { formatBytes, formatNumber } from "#components/ui/format.ts";

interface Row {
  readonly label: string;
  readonly champion: ReactNode;
  readonly challenger: ReactNode;
  readonly same: boolean;
}

function rowsOf(project: string, champion: VersionDto | null, challenger: VersionDto): Row[] {
  const row = (
    label: string,
    pick: (version: VersionDto) => string | null,
    show: (version: VersionDto) => ReactNode,
  ): Row => ({
    label,
    champion: champion ? show(champion) : "–",
    challenger: show(challenger),
    same: champion !== null && pick(champion) === pick(challenger),
  });
  const data = (v: VersionDto): ReactNode =>
    v.dataset ? (
      <TextLink href={`/p/${project}/data/${v.dataset.name}?version=${v.dataset.version}`}>
        {v.dataset.name} version {v.dataset.version}
      </TextLink>
    ) : (
      "–"
    );
  const inputs = (v: VersionDto): string =>
    v.signature?.inputs.map((input) => `${input.name}:${input.datatype}`).join(", ") ?? "";
  const metrics = [...new Set([...Object.keys(challenger.metrics), ...Object.keys(champion?.metrics ?? {})])].sort();
  return [
    row(
      "Code",
      (v) => v.commit,
      (v) => (v.commit ? <Hash value={v.commit} /> : "–"),
    ),
    row("Data", (v) => v.dataset?.sha256 ?? null, data),
    row(
      "Model file",
      (v) => v.sha256,
      (v) => (v.sha256 ? <Hash value={v.sha256} /> : "–"),
    ),
    row(
      "Size",
      (v) => String(v.sizeBytes),
      (v) => (v.sizeBytes === null ? "–" : formatBytes(v.sizeBytes)),
    ),
    row("Inputs", inputs, (v) => `${v.signature?.inputs.length ?? 0} columns`),
    row(
      "Operator set",
      (v) => JSON.stringify(v.signature?.opset ?? null),
      (v) => v.signature?.opset.map((o) => `${o.domain || "ai.onnx"} ${o.version}`).join(", ") ?? "–",
    ),
    ...metrics.map((name) =>
      row(
        `${name} (logged)`,
        (v) => String(v.metrics[name] ?? ""),
        (v) => (v.metrics[name] === undefined ? "–" : formatNumber(v.metrics[name], 4)),
      ),
    ),
  ];
}

/** Champion beside challenger; what differs is marked by a word, not by colour alone. */
export function VersionDifference({
  project,
  champion,
  challenger,
}: {
  project: string;
  champion: VersionDto | null;
  challenger: VersionDto;
}) {
  return (
    <div className="overflow-x-auto rounded-md border bg-surface">
      <table className="w-full border-collapse text-xs">
        <thead>
          <tr className="border-b">
            <th scope="col" className="px-3 py-2 text-left font-medium text-muted">
              What
            </th>
            <th scope="col" className="border-t-2 border-t-gold-fill px-3 py-2 text-left font-medium text-gold">
              {champion ? `Champion, version ${champion.version}` : "No champion yet"}
            </th>
            <th scope="col" className="border-t-2 border-t-steel-fill px-3 py-2 text-left font-medium text-steel">
              Challenger, version {challenger.version}
            </th>
            <th scope="col" className="px-3 py-2 text-left font-medium text-muted">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(project, champion, challenger).map((row) => (
            <tr key={row.label} className="border-b last:border-0">
              <th scope="row" className="px-3 py-1.5 text-left font-normal text-muted">
                {row.label}
              </th>
              <td className="px-3 py-1.5 tabular-nums">{row.champion}</td>
              <td className="px-3 py-1.5 tabular-nums">{row.challenger}</td>
              <td className="px-3 py-1.5">
                {row.same ? (
                  <span className="text-muted">same</span>
                ) : champion ? (
                  "differs"
                ) : (
                  <span className="text-muted">new</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
