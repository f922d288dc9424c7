import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRepository } from "#server/code/index.ts";
import { getRun, readWholeLog, startRun } from "#server/pipelines/index.ts";
import type { RunDetail, StepDto } from "#server/pipelines/contract.ts";
import { createPerson, createProjectOf } from "#server/platform/testing/people.ts";

/** A project with a scientist and these files on main, and what tests ask of its runs. */
export async function pipelineProject(files: Readonly<Record<string, string | Uint8Array>>) {
  const alice = await createPerson("Alice", ["scientist"]);
  const project = await createProjectOf({ [alice.handle]: "scientist" });
  const dir = mkdtempSync(path.join(os.tmpdir(), "pipeline-files-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  await createRepository(project.id, "Demo", { name: "Alice", email: "alice@example.org" }, dir);
  rmSync(dir, { recursive: true });

  const get = (number: number): Promise<RunDetail> => getRun(alice, project.slug, { number });
  async function until<T>(what: string, look: () => Promise<T | undefined | false>, ms = 30_000): Promise<T> {
    const end = performance.now() + ms;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
      await sleep(20);
    }
  }
  const ended = (number: number, ms?: number): Promise<RunDetail> =>
    until(
      `the end of run ${number}`,
      async () => {
        const run = await get(number);
        return run.finishedAt === null ? undefined : run;
      },
      ms,
    );
  return {
    alice,
    project,
    get,
    until,
    ended,
    start: (pipelinePath: string, input: object = {}) => startRun(alice, project.slug, { pipelinePath, ...input }),
    /** Starts a run and waits for its end. */
    run: async (pipelinePath: string, input: object = {}): Promise<RunDetail> =>
      ended((await startRun(alice, project.slug, { pipelinePath, ...input })).number),
    /** The whole log of a step's newest attempt. */
    log: async (run: RunDetail, step: StepDto | undefined): Promise<string> => {
      const attempt = step?.attempts.at(-1)?.id ?? "";
      return (await readWholeLog(alice, project.slug, { number: run.number, attempt })).text;
    },
  };
}

export type PipelineProject = Awaited<ReturnType<typeof pipelineProject>>;

/** A step of a run by its name. */
export function stepOf(run: RunDetail, name: string): StepDto {
  const step = run.stepRuns.find((s) => s.name === name);
  if (!step) throw new Error(`run ${run.number} has no step '${name}'`);
  return step;
}
