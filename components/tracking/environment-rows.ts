import { formatBytes } from "#components/ui/format.ts";
import type { RunEnvironmentDto } from "#server/pipelines/contract.ts";
import type { ComparedRow } from "./comparison.ts";

type Environments = ReadonlyMap<string, RunEnvironmentDto>;

/** Versions, machine, seed and command of runs as rows of the comparison: one for each package of which the versions differ. */
export function environmentRows(runs: readonly { readonly id: string }[], environments: Environments): ComparedRow[] {
  const of = (run: { readonly id: string }) => environments.get(run.id);
  const row = (name: string, cells: readonly string[]): ComparedRow => ({
    group: "Environment",
    name,
    cells,
    differs: new Set(cells).size > 1,
  });
  const about = (name: string, say: (one: RunEnvironmentDto) => string | null | undefined): ComparedRow[] => {
    const cells = runs.map((run) => {
      const one = of(run);
      return (one && say(one)) || "–";
    });
    return cells.every((cell) => cell === "–") ? [] : [row(name, cells)];
  };
  const packages = [...new Set(runs.flatMap((run) => Object.keys(of(run)?.packages ?? {})))]
    .sort((a, b) => a.localeCompare(b))
    .map((name) =>
      row(
        `package ${name}`,
        runs.map((run) => of(run)?.packages?.[name] ?? "–"),
      ),
    );
  return [
    ...about("Python", (one) => one.python),
    ...about("Node", (one) => one.node),
    ...about("Lock of the packages", (one) => one.lockSha256?.slice(0, 12)),
    ...packages,
    ...about("Seed", (one) => one.seed && `${one.seed.name} = ${one.seed.value}`),
    ...about("Command", (one) => one.command),
    ...about("Processor", (one) => one.hardware?.processor),
    ...about("Cores given", (one) => one.hardware && String(one.hardware.coresGiven)),
    ...about("Memory limit", (one) => one.hardware && formatBytes(one.hardware.memoryLimitBytes)),
    ...about("Graphics", (one) => one.hardware && (one.hardware.gpus.join(", ") || "none")),
    ...about("Machine", (one) => one.hardware?.host),
  ];
}
