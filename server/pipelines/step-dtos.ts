import type { Db } from "#server/platform/db.ts";
import {
  type AttemptDto,
  GateResult,
  type StepDto,
  type StepInputDto,
  StepResult,
  type StepStatus,
  StoredOutputs,
} from "./contract.ts";
import type { findRun } from "./find-run.ts";
import { stepKey } from "./insert-run.ts";
import { stepMedians } from "./medians.ts";
import { datasetReference, type InputSource, type Scalar, type StepSpec } from "./spec.ts";
import { datasetsOfRow, stepSpecOfRow } from "./stored-run.ts";
import type { Word } from "./words.ts";

type RunRow = Awaited<ReturnType<typeof findRun>>;

const QUOTED = /[\s"'\\]/;

/** A command as the file writes it, on one line, references and all. */
export function commandText(words: readonly Word[]): string {
  return words
    .map((word) => {
      const text = word.map((part) => (typeof part === "string" ? part : `\${${part.from}.${part.name}}`)).join("");
      return text === "" || QUOTED.test(text) ? `'${text}'` : text;
    })
    .join(" ");
}

/** What a built-in step does, on one line; null for a command. */
export function builtInText({ register, score }: StepSpec): string | null {
  if (register) return `uses: register (model ${register.step}.${register.output} as ${commandText([register.name])})`;
  if (!score) return null;
  const version = commandText([score.version]);
  return `uses: score (${commandText([score.model])} version ${version.replace(/^'(.*)'$/, "$1")} into ${commandText([score.into])})`;
}

/** Plain words as a command line that a shell reads back as the same words. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

/** A reference as the file writes it. */
export function sourceText(source: InputSource): string {
  return source.kind === "dataset"
    ? `dataset:${datasetReference(source)}`
    : `${source.step}.${source.output}${source.all ? "[*]" : ""}`;
}

/** The steps of a run as the page shows them, in the order of the file. */
export async function stepDtos(db: Db, run: RunRow, projectSlug: string): Promise<StepDto[]> {
  const [rows, medians] = await Promise.all([
    db.step.findMany({
      where: { runId: run.id },
      include: { attempts: { orderBy: { number: "asc" } } },
      orderBy: { position: "asc" },
    }),
    stepMedians(db, run),
  ]);
  const workers = await namesOfWorkers(
    db,
    rows.flatMap((row) => row.attempts.map((attempt) => attempt.workerId)),
  );
  const reusedIds = [...new Set(rows.flatMap((row) => (row.reusedFrom ? [row.reusedFrom] : [])))];
  const reusedRuns =
    reusedIds.length === 0
      ? []
      : await db.pipelineRun.findMany({ where: { id: { in: reusedIds } }, select: { id: true, number: true } });
  const numberOf = new Map(reusedRuns.map((r) => [r.id, r.number]));
  const datasets = datasetsOfRow(run.datasets);
  const outputsOf = Map.groupBy(
    rows.map((row) => ({ name: row.name, matrixKey: row.matrixKey, outputs: StoredOutputs.parse(row.outputs) })),
    (row) => row.name,
  );
  const itemsOf = (source: InputSource): StepInputDto["items"] => {
    if (source.kind === "dataset") {
      const pinned = datasets[datasetReference(source)];
      if (!pinned) return [];
      return [
        {
          label: `${pinned.name} version ${pinned.version}`,
          sha256: pinned.sha256,
          href: `/p/${projectSlug}/data/${pinned.name}`,
        },
      ];
    }
    return (outputsOf.get(source.step) ?? []).flatMap((parent) => {
      const stored = parent.outputs[source.output];
      const label =
        parent.matrixKey === ""
          ? `${source.step}.${source.output}`
          : `${source.step}.${source.output} (${parent.matrixKey})`;
      return [{ label, sha256: stored?.sha256 ?? null, href: null }];
    });
  };
  const inputsOf = (spec: StepSpec): StepInputDto[] => {
    const declared: [string, InputSource][] = Object.entries(spec.inputs);
    if (spec.register)
      declared.push(["model", { kind: "output", step: spec.register.step, output: spec.register.output, all: false }]);
    return declared.map(([name, source]) => ({ name, reference: sourceText(source), items: itemsOf(source) }));
  };
  return rows.map((row): StepDto => {
    const spec = stepSpecOfRow(row.spec);
    return {
      id: row.id,
      name: row.name,
      matrixKey: row.matrixKey,
      matrix: row.matrix as Record<string, Scalar>,
      kind: spec.kind,
      position: row.position,
      status: row.status as StepStatus,
      command: builtInText(spec) ?? commandText(spec.command),
      inputs: inputsOf(spec),
      outputs: StoredOutputs.parse(row.outputs),
      declaredOutputs: spec.outputs,
      gate: row.gate === null ? null : GateResult.parse(row.gate),
      result: row.result === null ? null : StepResult.parse(row.result),
      reason: row.reason,
      error: row.error,
      reusedFrom: row.reusedFrom ? (numberOf.get(row.reusedFrom) ?? null) : null,
      readyAt: row.readyAt?.toISOString() ?? null,
      startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null,
      durationMs: row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null,
      medianMs: medians.get(stepKey(row.name, row.matrixKey)) ?? null,
      limits: {
        timeoutMs: spec.timeoutMs,
        memoryBytes: spec.memoryBytes,
        cpu: spec.cpu,
        attempts: 1 + spec.retries.max,
      },
      attempts: row.attempts.map((attempt): AttemptDto => {
        const { id, number, status, exitCode, reason, message, isolation, logTruncated } = attempt;
        return {
          id,
          number,
          status,
          exitCode,
          reason,
          message,
          isolation,
          logTruncated,
          startedAt: attempt.startedAt.toISOString(),
          finishedAt: attempt.finishedAt?.toISOString() ?? null,
          peakRssBytes: attempt.peakRssBytes === null ? null : Number(attempt.peakRssBytes),
          logBytes: Number(attempt.logBytes),
          worker: workers.get(attempt.workerId) ?? attempt.workerId.slice(0, 8),
        };
      }),
    };
  });
}

async function namesOfWorkers(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.worker.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, host: true, pid: true },
  });
  return new Map(rows.map((row) => [row.id, `${row.host} (${row.pid})`]));
}
