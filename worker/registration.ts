import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import type { WorkerRole } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";

const HEARTBEAT_MS = 5_000;

/** Enters this process in the table of workers and keeps its heartbeat; the returned function marks it as stopped. */
export async function registerWorker(id: string, roles: readonly WorkerRole[]): Promise<() => Promise<void>> {
  const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, "../package.json"), "utf8")) as {
    version: string;
  };
  await prisma().worker.create({
    data: {
      id,
      host: os.hostname(),
      pid: process.pid,
      roles: [...roles],
      version: manifest.version,
      slots: env().WORKER_SLOTS,
    },
  });
  const beat = setInterval(() => {
    prisma()
      .worker.update({ where: { id }, data: { heartbeatAt: new Date() } })
      .catch((error: unknown) => log.warn({ err: error }, "the worker's heartbeat could not be written"));
  }, HEARTBEAT_MS);
  return async () => {
    clearInterval(beat);
    await prisma().worker.update({ where: { id }, data: { stoppedAt: new Date() } });
  };
}
