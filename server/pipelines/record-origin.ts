import { prisma } from "#server/platform/db.ts";
import type { AttemptOrigin } from "./origin-contract.ts";

/** Keeps what a worker saw when it started an attempt's process. */
export async function recordAttemptOrigin(attemptId: string, origin: AttemptOrigin): Promise<void> {
  await prisma().stepAttempt.update({ where: { id: attemptId }, data: { origin } });
}

/** The exact packages of an environment that was built before; null when it never was. */
export async function lockOfEnvironment(hash: string): Promise<string | null> {
  const row = await prisma().environment.findUnique({ where: { hash }, select: { lock: true } });
  return row?.lock ?? null;
}

/** Keeps the exact packages of an environment, the first time they are known. An environment is built again from this lock. */
export async function recordEnvironmentLock(
  hash: string,
  found: { lock: string; lockSha256: string; packages: Readonly<Record<string, string>> },
): Promise<void> {
  await prisma().environment.updateMany({
    where: { hash, lock: null },
    data: { ...found, packages: { ...found.packages } },
  });
}
