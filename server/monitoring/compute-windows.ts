import { createHash } from "node:crypto";
import { systemActor } from "#server/identity/index.ts";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import { isUuid, uuidv7 } from "#server/kernel/ids.ts";
import { type Db, Prisma, prisma } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import type { ModelRuntime } from "#server/platform/runtimes.ts";
import { getVersionById } from "#server/registry/index.ts";
import { retrainIfAutomatic } from "./automatic-retraining.ts";
import { baselinesOf } from "./baselines.ts";
import { MonitorConfig } from "./contract.ts";
import { findBreaches } from "./find-breaches.ts";
import type { MonitorRef } from "./jobs.ts";
import { measureFeatures, measurePredictions } from "./measure-drift.ts";
import { measurePerformance } from "./measure-performance.ts";
import { measureService } from "./measure-service.ts";
import { raiseAlerts } from "./raise-alerts.ts";
import { referenceOf } from "./reference.ts";
import { listLoggedWindows, type LoggedWindow, mainVersion, readWindow } from "./traffic.ts";

/** Counts up when figures change their meaning, so that stored windows are computed again. */
const METHOD = 1;

interface Watched {
  readonly id: string;
  readonly projectId: string;
  readonly endpointId: string;
  readonly config: MonitorConfig;
}

/** Brings a monitor's windows up to date, oldest first: only those whose log, configuration or method changed. */
export async function computeWindowsJob(
  ref: MonitorRef,
  { log, signal, models }: Pick<JobContext, "log" | "signal" | "models">,
): Promise<void> {
  const db = prisma();
  const row = await db.monitor.findFirst({ where: { id: ref.monitorId, projectId: ref.projectId } });
  if (!row?.enabled) return;
  const monitor = { ...row, config: MonitorConfig.parse(row.config) };
  // Taken before the log is read: what arrives meanwhile is seen next time.
  await db.monitor.update({ where: { id: row.id }, data: { checkedAt: new Date() } });
  let problem: string | null = null;
  try {
    const done = await computeDue(db, monitor, signal, models);
    if (done > 0) log.info({ monitor: row.name, windows: done }, "windows computed");
    if (!signal.aborted) await retrainIfAutomatic(monitor);
  } catch (error) {
    problem = error instanceof AppError ? error.message : `The windows could not be computed: ${messageOf(error)}`;
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, monitor: row.name }, "windows cannot be computed");
  } finally {
    if (problem !== row.problem) await db.monitor.update({ where: { id: row.id }, data: { problem } });
    await announce(db, { projectId: row.projectId, topic: "monitors", id: row.id });
  }
}

async function computeDue(db: Db, monitor: Watched, signal: AbortSignal, models: ModelRuntime): Promise<number> {
  const logged = await listLoggedWindows(monitor.endpointId, monitor.config.window);
  const stored = await db.monitorWindow.findMany({
    where: { monitorId: monitor.id },
    select: { startsAt: true, fingerprint: true },
  });
  const known = new Map(stored.map((window) => [window.startsAt.getTime(), window.fingerprint]));
  let done = 0;
  for (const window of logged) {
    const fingerprint = fingerprintOf(window, monitor.config);
    if (known.get(window.startsAt) === fingerprint) continue;
    if (signal.aborted) break;
    const id = await computeWindow(db, monitor, window, fingerprint, models);
    if (id === null) continue;
    done += 1;
    await raiseAlerts(systemActor("Touchstone monitoring", uuidv7()), monitor.projectId, { windowId: id });
    await announce(db, { projectId: monitor.projectId, topic: "monitors", id: monitor.id });
  }
  return done;
}

function fingerprintOf(window: LoggedWindow, { retrain: _, ...watched }: MonitorConfig): string {
  return createHash("sha256")
    .update(canonicalJson({ method: METHOD, counts: window.counts, watched }))
    .digest("hex");
}

/** Computes one window and stores it; returns its id, or null when it has no rows. */
async function computeWindow(
  db: Db,
  monitor: Watched,
  span: LoggedWindow,
  fingerprint: string,
  models: ModelRuntime,
): Promise<string | null> {
  const started = performance.now();
  const { config, projectId } = monitor;
  const actor = systemActor("Touchstone monitoring");
  const traffic = await readWindow(monitor.endpointId, span);
  const main = mainVersion(traffic);
  if (!main) return null;
  const version = await getVersionById(actor, projectId, { id: main.versionId });
  const notes: string[] = [];
  const referenceRef = referenceName(config, version.dataset);
  const reference = referenceRef ? await referenceOf(db, version, referenceRef, projectId, models) : null;
  if (!reference)
    notes.push(`Version ${main.version} names no dataset it was trained on, so there is nothing to compare with.`);
  else if (reference.unknown.length > 0)
    notes.push(`${reference.dataset.name} has no column for ${reference.unknown.join(", ")}; they are not compared.`);
  if (traffic.sampled < 1) notes.push(`Computed on a sample of ${(traffic.sampled * 100).toFixed(0)} % of the rows.`);
  if (traffic.logShare < 1)
    notes.push(
      `The endpoint's log keeps ${round(traffic.logShare * 100)} % of the predictions; the others are not in it.`,
    );
  if (reference && traffic.redacted.length > 0)
    notes.push(`The endpoint's log drops or hashes ${traffic.redacted.join(", ")}; they are not compared.`);
  const positive = version.signature?.positive ?? null;
  const baselines = await baselinesOf(actor, db, projectId, {
    monitorId: monitor.id,
    versionId: main.versionId,
    before: new Date(span.startsAt),
    config,
  });
  const measured = {
    rows: traffic.rows,
    drift: reference ? measureFeatures(traffic, reference, config) : [],
    predictionDrift: reference ? measurePredictions(traffic, reference, positive, config) : null,
    performance: measurePerformance(traffic, positive, baselines),
    service: await measureService(db, monitor.endpointId, span, traffic),
  };
  const { rows, predictionDrift, performance: quality, ...rest } = measured;
  const data = {
    endsAt: new Date(span.endsAt),
    rows,
    outcomes: traffic.outcomes.known,
    referenceVersionId: reference?.dataset.id ?? null,
    versions: [...traffic.versions]
      .sort((a, b) => b.rows - a.rows)
      .map(({ versionId, version: number, rows: n }) => ({ versionId, version: number, rows: n })),
    ...rest,
    predictionDrift: predictionDrift ?? Prisma.DbNull,
    performance: quality ?? Prisma.DbNull,
    breaches: findBreaches(measured, config),
    notes,
    fingerprint,
    computedAt: new Date(),
    computeMs: Math.round(performance.now() - started),
  };
  const key = { monitorId: monitor.id, startsAt: new Date(span.startsAt) };
  const { id } = await db.monitorWindow.upsert({
    where: { monitorId_startsAt: key },
    create: { ...key, ...data },
    update: data,
    select: { id: true },
  });
  return id;
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100;
}

/** The dataset version to compare with, as a reference; null when nobody says which. */
function referenceName(config: MonitorConfig, trainedOn: { versionId: string; name: string } | null): string | null {
  const { dataset, version } = config.reference;
  if (version === "champion") return trainedOn && isUuid(trainedOn.versionId) ? trainedOn.versionId : null;
  const name = dataset ?? trainedOn?.name;
  return name ? `${name}@${version}` : null;
}
