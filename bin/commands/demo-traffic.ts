import { existsSync } from "node:fs";
import path from "node:path";
import { createTokenFor, systemActor } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import { quantiles } from "#server/kernel/statistics/quantiles.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import type { EndpointDetail } from "#server/serving/contract.ts";
import { getEndpoint, listEndpoints, listLoggedIds } from "#server/serving/index.ts";
import { type ProjectFile, readProjectFile } from "#prisma/seed/project-file.ts";
import { UsageError } from "../cli/command.ts";
import { parseFlags, wholeNumber } from "../cli/flags.ts";
import { bold, dim, duration, gold, green } from "../cli/terminal.ts";
import { ROOT } from "../launch/instance.ts";
import { Caller } from "../replay/caller.ts";
import { count, progressLine } from "../replay/progress-line.ts";
import { prefixOf, remaining, rowOf, type Span } from "../replay/remaining.ts";
import { replay, type Result } from "../replay/replay.ts";
import { parseDelay, readTraffic, type Traffic } from "../replay/traffic-file.ts";

const FLAGS = {
  project: { type: "string", default: "flight-delays" },
  user: { type: "string", default: "alice" },
  rate: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  batch: { type: "string", default: "100" },
} as const;
const CONNECTIONS = 4;

/**
 * Replays a sample's later traffic through its endpoint, over HTTP like any caller, with outcomes. Rows that an earlier replay sent are left out, so a
 * run that was broken off goes on where it ended, and a second one changes nothing.
 */
export async function demoTraffic(args: string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  const batch = wholeNumber(flags.batch, "--batch", 1, 2000);
  const rate = flags.rate === undefined ? Infinity : wholeNumber(flags.rate, "--rate", 1, 1_000_000);
  const [from, to] = [readDay(flags.from, "--from"), readDay(flags.to, "--to")];
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const sample = sampleOf(flags.project);
    const endpoint = await liveEndpoint(sample);
    const { signature } = endpoint;
    if (!sample.traffic || !signature) throw new Error(`${sample.slug} has no traffic to replay.`);
    const file = path.join(ROOT, "examples", sample.slug, sample.traffic.file);
    const { time_column: timeColumn, outcome: outcomeColumn } = sample.traffic;
    const delayMs = parseDelay(sample.traffic.outcome_delay);
    const traffic = await readTraffic({ file, timeColumn, outcomeColumn, delayMs, inputs: signature.inputs });
    const span = spanOf(traffic, from, to);
    const plan = await planReplay(endpoint.id, traffic, span, batch);
    introduce(endpoint, traffic, span, plan.done);
    if (plan.rows === 0 && plan.untold.length === 0) {
      console.log(`${green("✓")} All of it was replayed before; nothing was sent twice.`);
      whatNext(sample.slug, endpoint.name);
      return 0;
    }
    const token = await createTokenFor({
      userHandle: flags.user,
      projectSlug: sample.slug,
      scopes: ["serving:predict", "serving:outcomes"],
      name: "demo traffic",
      days: 1,
    });
    const caller = new Caller({
      servingUrl: env().servingUrl,
      endpoint: endpoint.name,
      token,
      connections: CONNECTIONS + 1,
      signal: stop.signal,
    });
    // A row is half done with its prediction, and done with its outcome.
    const line = progressLine(plan.rows + plan.untold.length / 2, "rows");
    const started = performance.now();
    const result = await replay({
      caller,
      traffic,
      signature,
      spans: plan.spans,
      untold: plan.untold,
      delayMs,
      connections: CONNECTIONS,
      rate,
      signal: stop.signal,
      onProgress: ({ predictions, outcomes, eventTime }) =>
        line.update(
          (predictions + outcomes) / 2,
          `${count(predictions)} of ${count(plan.rows)} predictions to ${month(eventTime)}, ${count(outcomes)} outcomes`,
        ),
    }).finally(() => {
      line.end();
      caller.close();
    });
    report(result, performance.now() - started, endpoint, batch);
    whatNext(sample.slug, endpoint.name);
    return 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log("Stopped. Run it again to go on where it ended.");
    return 130;
  } finally {
    process.off("SIGINT", interrupt);
    await closeDatabase();
  }
}

function readDay(text: string | undefined, flag: string): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time))
    throw new UsageError(`${flag} takes a day, as 2013-10-01, not '${text}'.`);
  return time;
}

function sampleOf(slug: string): ProjectFile {
  const dir = path.join(ROOT, "examples", slug);
  if (!/^[a-z0-9-]+$/.test(slug) || !existsSync(path.join(dir, "project.yaml")))
    throw new UsageError(`'${slug}' is no sample: there are flight-delays and penguins.`);
  const sample = readProjectFile(dir);
  if (!sample.traffic) throw new UsageError(`The sample '${slug}' has no traffic to replay.`);
  return sample;
}

/** The endpoint that serves the sample's model. Errors: unavailable with what has to happen first. */
async function liveEndpoint(sample: ProjectFile): Promise<EndpointDetail> {
  const actor = systemActor("demo traffic");
  const page = `${env().appUrl}/p/${sample.slug}`;
  let endpoints: Awaited<ReturnType<typeof listEndpoints>>;
  try {
    endpoints = await listEndpoints(actor, sample.slug, { model: sample.model });
  } catch (error) {
    if (!isAppError(error, "not_found")) throw error;
    throw new AppError("not_found", `The sample project '${sample.slug}' is not there.`, {
      remedy: "npm start brings it on the first start; it may have been archived since.",
    });
  }
  const found = endpoints.find((endpoint) => endpoint.health === "live" || endpoint.live) ?? endpoints[0];
  if (found?.live && found.health !== "stopped" && found.health !== "down")
    return await getEndpoint(actor, sample.slug, { name: found.name });
  if (found && found.health !== "waiting")
    throw new AppError("unavailable", `The endpoint '${found.name}' does not answer. ${found.reason ?? ""}`, {
      remedy: `See ${page}/endpoints/${found.name}`,
    });
  throw new AppError("unavailable", `'${sample.model}' has no champion yet, so there is nothing to send traffic to.`, {
    remedy: `First: run its pipeline (${page}/pipelines), request the promotion of the version that it registers (${page}/models), and approve it as Bob (${page}/reviews). Then run this again.`,
  });
}

/** The rows whose time lies in [from, to); the file is ordered by time. */
function spanOf({ times, rows }: Traffic, from: number | null, to: number | null): Span {
  const first = from === null ? 0 : times.findIndex((time) => time >= from);
  const end = to === null ? rows : times.findIndex((time) => time >= to);
  return { from: first < 0 ? rows : first, to: end < 0 ? rows : end };
}

async function planReplay(endpointId: string, traffic: Traffic, span: Span, batch: number) {
  const logged = await listLoggedIds(endpointId, prefixOf(traffic.key));
  const rows = logged.map(({ id, hasOutcome }) => ({ id, row: rowOf(traffic.key, id), hasOutcome }));
  const done = rows.filter(({ row }) => row >= span.from && row < span.to);
  const spans = remaining(span, new Set(done.map(({ row }) => row)), batch);
  return {
    spans,
    done: done.length,
    rows: spans.reduce((sum, piece) => sum + piece.to - piece.from, 0),
    untold: done.filter(({ row, hasOutcome }) => !hasOutcome && traffic.outcomes[row] !== null),
  };
}

const month = (ms: number): string =>
  ms === 0 ? "" : new Date(ms).toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });

function introduce(endpoint: EndpointDetail, traffic: Traffic, span: Span, done: number): void {
  const [first, last] = [traffic.times[span.from] ?? 0, traffic.times[span.to - 1] ?? 0];
  const version = endpoint.live?.version ?? "?";
  console.log(
    `${bold(count(span.to - span.from))} rows, ${month(first)} to ${month(last)}, through ${bold(endpoint.name)} ${gold(`version ${version}`)} at ${endpoint.servingUrl}`,
  );
  if (done > 0) console.log(dim(`  ${count(done)} of them were replayed before and are left out`));
  if (traffic.incomplete > 0)
    console.log(dim(`  ${count(traffic.incomplete)} rows lack a value that the model needs and are left out`));
}

function report(result: Result, ms: number, endpoint: EndpointDetail, batch: number): void {
  const [p50 = 0, p95 = 0] =
    result.latencies.length > 0 ? quantiles(Float64Array.from(result.latencies), [0.5, 0.95]) : [];
  console.log(
    `${green("✓")} ${bold(count(result.predictions))} predictions and ${bold(count(result.outcomes))} outcomes in ${duration(ms)}: ${count((result.predictions / ms) * 1000)} rows/s`,
  );
  if (result.predictions > 0)
    console.log(
      dim(`  a request of ${batch} rows took ${p50.toFixed(0)} ms (95%: ${p95.toFixed(0)} ms), ${CONNECTIONS} at once`),
    );
  if (result.unknown > 0)
    console.log(
      `  ${count(result.unknown)} outcomes found no prediction: ${endpoint.name} could not log all of them. Run this again to send those anew.`,
    );
}

function whatNext(slug: string, endpoint: string): void {
  const page = `${env().appUrl}/p/${slug}`;
  console.log(`
What you see now
  ${page}/endpoints/${endpoint}   requests, latency, each prediction with its outcome
  ${page}/monitoring   drift and performance by window; alerts appear within a minute`);
}
