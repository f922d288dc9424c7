import { z } from "zod";
import { listFilesAt, resolveRef } from "#server/code/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import {
  type JsonSchema,
  Redaction,
  type ServiceDetail,
  type ServiceHealth,
  ServicePath,
  type ServicePublicationDto,
  type ServiceSummary,
} from "../contract.ts";
import { isServingUp } from "../endpoint-health.ts";
import { stoppedSentence } from "../stopped.ts";
import { addCounts, emptyCounts, totalsOf } from "../traffic-totals.ts";
import { exampleOfSchema } from "./example-of-schema.ts";
import { findService, serviceNameOf } from "./find-service.ts";
import { readServiceMinutes } from "./service-minutes.ts";
import { serviceOpenApi } from "./service-openapi.ts";
import { serviceSnippets } from "./service-snippets.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;
const DAY_MS = 86_400_000;

type Row = Awaited<ReturnType<typeof rowsOf>>[number];

async function rowsOf(db: Db, where: { projectId: string; name?: string }) {
  return await db.customService.findMany({
    where,
    include: { publications: { orderBy: { number: "desc" }, take: 100 } },
    orderBy: { name: "asc" },
  });
}

function publicationDto(row: Row["publications"][number]): ServicePublicationDto {
  return {
    number: row.number,
    commit: row.commit,
    sha256: row.sha256,
    note: row.note,
    publishedBy: row.publishedByName,
    publishedAt: row.publishedAt.toISOString(),
    liveAt: row.liveAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

function healthOf(
  row: Row,
  live: ServicePublicationDto | null,
  isUp: boolean,
): { health: ServiceHealth; reason: string | null } {
  const [newest] = row.publications;
  if (row.state === "unpublished") {
    const why = row.stateReason === "" ? "" : `: ${row.stateReason}`;
    return { health: "unpublished", reason: `${row.stateBy ?? "Somebody"} unpublished it${why}. Callers get 404.` };
  }
  if (row.state === "stopped")
    return {
      health: "stopped",
      reason: stoppedSentence(row.name, row.stateBy, row.stateAt, row.stateReason, "service"),
    };
  if (!isUp)
    return {
      health: "down",
      reason: "No serving process runs, so nothing answers. Ask an administrator to start one.",
    };
  const meanwhile = live && live.number !== newest?.number ? ` Publication ${live.number} goes on answering.` : "";
  if (row.problem) return { health: "failing", reason: row.problem + meanwhile };
  if (live && live.number === newest?.number) return { health: "live", reason: null };
  return { health: "starting", reason: `Publication ${newest?.number ?? 1} is being loaded.${meanwhile}` };
}

async function summariesOf(db: Db, rows: readonly Row[]): Promise<ServiceSummary[]> {
  const isUp = rows.length === 0 || (await isServingUp(db));
  const from = (Math.floor(Date.now() / MINUTE_MS) - MINUTES + 1) * MINUTE_MS;
  const totals = new Map(
    rows.map((row) => [row.id, { hour: emptyCounts(), minutes: new Array<number>(MINUTES).fill(0) }]),
  );
  await readServiceMinutes([...totals.keys()], from, (id, minute, counts) => {
    const found = totals.get(id);
    if (!found) return;
    addCounts(found.hour, counts);
    const at = (minute - from) / MINUTE_MS;
    found.minutes[at] = (found.minutes[at] ?? 0) + counts.requests;
  });
  return rows.map((row) => {
    const answering = row.publications.find((each) => each.liveAt !== null && each.endedAt === null);
    const live = answering ? publicationDto(answering) : null;
    const traffic = totals.get(row.id);
    return {
      id: row.id,
      name: row.name,
      path: row.path,
      description: row.description,
      live,
      ...healthOf(row, live, isUp),
      lastHour: totalsOf(traffic?.hour ?? emptyCounts()),
      minutes: traffic?.minutes ?? [],
    };
  });
}

/** Every service of the project with what it does now, by name. */
export const listServices = defineUseCase({
  name: "serving.list-services",
  scope: "serving:read",
  effect: "read",
  input: z.object({}),
  async run({ project, db }): Promise<ServiceSummary[]> {
    return await summariesOf(db, await rowsOf(db, { projectId: project.id }));
  },
});

/** One service with its schemas, limits and publications. Errors: not_found. */
export const getService = defineUseCase({
  name: "serving.get-service",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<ServiceDetail> {
    await findService(db, project.id, input.name);
    const [row] = await rowsOf(db, { projectId: project.id, name: input.name });
    const [summary] = await summariesOf(db, row ? [row] : []);
    if (!row || !summary) throw new Error("unreachable: it was just found");
    const schemas = schemasOf(row);
    const address = `${env().servingUrl}/services/${row.name}`;
    const example = exampleOfSchema(schemas?.input ?? null);
    let crashesLastDay = 0;
    await readServiceMinutes([row.id], Date.now() - DAY_MS, (_, __, counts) => {
      crashesLastDay += counts.crashes;
    });
    return {
      ...summary,
      address,
      memoryMb: row.memoryMb,
      cpu: row.cpu,
      timeoutMs: row.timeoutMs,
      redaction: Redaction.parse(row.redaction),
      changedBy: row.stateBy && row.stateAt ? { name: row.stateBy, at: row.stateAt.toISOString() } : null,
      input: schemas?.input ?? null,
      output: schemas?.output ?? null,
      example,
      snippets: schemas ? serviceSnippets(address, example) : [],
      publications: row.publications.map(publicationDto),
      newerCommit: await newerThan(project.id, row),
      crashesLastDay,
    };
  },
});

/** What publishService would take as a new publication: not the commit that is published already. */
async function newerThan(projectId: string, { state, publications: [newest] }: Row): Promise<string | null> {
  const commit = await resolveRef(projectId, "main");
  return state !== "unpublished" && newest?.commit === commit ? null : commit;
}

/** The OpenAPI document of a service, for people who are signed in. Errors: not_found while its code was never loaded. */
export const getServiceOpenApi = defineUseCase({
  name: "serving.get-service-openapi",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<unknown> {
    const [row] = await rowsOf(db, { projectId: project.id, name: input.name });
    const schemas = row ? schemasOf(row) : null;
    if (!row || !schemas)
      throw new AppError("not_found", `The service '${input.name}' has no document yet: its code was never loaded.`, {
        field: "name",
        value: input.name,
        remedy: "Look on its page why it does not start.",
      });
    const { name, description } = row;
    return serviceOpenApi({ name, description, ...schemas }, env().servingUrl);
  },
});

/** The schemas of the publication that answers, else of the newest that did. */
function schemasOf(row: Row): { publication: number; input: JsonSchema; output: JsonSchema } | null {
  const known = row.publications.filter((each) => each.liveAt !== null && each.input !== null && each.output !== null);
  const chosen = known.find((each) => each.endedAt === null) ?? known[0];
  return chosen
    ? { publication: chosen.number, input: chosen.input as JsonSchema, output: chosen.output as JsonSchema }
    : null;
}

export interface PublishableFile {
  readonly path: string;
  readonly name: string;
  /** The commit that is published under this name; null when none is. */
  readonly published: string | null;
}

/** Files of the default branch that can be published as services, and the commit they are at. */
export const listPublishableFiles = defineUseCase({
  name: "serving.list-publishable-files",
  scope: "serving:read",
  effect: "read",
  input: z.object({}),
  async run({ project, db }): Promise<{ commit: string; files: PublishableFile[] }> {
    const commit = await resolveRef(project.id, "main");
    const paths = (await listFilesAt(project.id, commit)).filter((path) => ServicePath.safeParse(path).success);
    const services = await rowsOf(db, { projectId: project.id });
    return {
      commit,
      files: paths.map((path) => {
        const service = services.find((each) => each.path === path && each.state !== "unpublished");
        return { path, name: serviceNameOf(path), published: service?.publications[0]?.commit ?? null };
      }),
    };
  },
});
