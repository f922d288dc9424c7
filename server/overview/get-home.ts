import { z } from "zod";
import type { RequestSummary } from "#server/governance/contract.ts";
import { listRequests, whyNotDecide } from "#server/governance/index.ts";
import { type Actor, definePlatformUseCase, listPeople } from "#server/identity/index.ts";
import { listInbox } from "#server/inbox/index.ts";
import type { RunSummary } from "#server/pipelines/contract.ts";
import { listRuns } from "#server/pipelines/index.ts";
import type { Db } from "#server/platform/db.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import type { CommentLine, Home, InProject } from "./contract.ts";
import { listAudit } from "./list-audit.ts";
import { liveModels, nameOf } from "./live-models.ts";
import { queueLines, workerLines } from "./machines.ts";
import { holdsOnPlatform } from "./platform-scopes.ts";
import { holding, projectsOf } from "./projects-of.ts";

const FAILED_SHOWN_MS = 7 * 86_400_000;
const LINES = 8;
const ACTIVE: readonly string[] = ["queued", "preparing", "running"];

/** Each role's own work, over all projects of the reader: one who has several roles gets the parts of each. */
export const getHome = definePlatformUseCase({
  name: "overview.get-home",
  scope: "self",
  effect: "read",
  input: z.object({}),
  async run({ actor, db }): Promise<Home> {
    const projects = await projectsOf(actor);
    const is = (role: string): boolean =>
      actor.platformRoles.includes(role) || projects.some((project) => project.role === role);
    const administers = holdsOnPlatform(actor, "platform:administer");
    const works = is("scientist") || is("reviewer") || administers;
    const [inbox, science, reviews, health, administration] = await Promise.all([
      listInbox(actor, { limit: 6 }),
      is("scientist") ? ownWork(db, actor, projects) : null,
      is("reviewer") ? queueOf(db, actor, projects) : null,
      is("viewer") || !works ? healthOf(db, actor, projects) : null,
      administers ? administrationFor(db, actor) : null,
    ]);
    return {
      projects,
      mayCreateProject: holdsOnPlatform(actor, "project:create"),
      inbox,
      science,
      reviews,
      health,
      administration,
    };
  },
});

async function across<T>(
  projects: readonly ProjectDto[],
  read: (project: ProjectDto) => Promise<readonly T[]>,
): Promise<InProject<T>[]> {
  const lists = await Promise.all(
    projects.map(async (project) => (await read(project)).map((item) => ({ project: nameOf(project), item }))),
  );
  return lists.flat();
}

async function ownWork(db: Db, actor: Actor, projects: readonly ProjectDto[]): Promise<Home["science"]> {
  const own = actor.userId ?? "00000000-0000-0000-0000-000000000000";
  const mine = await db.promotionRequest.findMany({
    where: { requestedBy: own, projectId: { in: holding(projects, "governance:read").map((project) => project.id) } },
    select: { id: true },
  });
  const ids = new Set(mine.map((request) => request.id));
  const startedByMe = await db.pipelineRun.findMany({
    where: {
      createdBy: own,
      projectId: { in: holding(projects, "pipelines:read").map((project) => project.id) },
      createdAt: { gt: new Date(Date.now() - FAILED_SHOWN_MS) },
    },
    select: { id: true },
  });
  const myRuns = new Set(startedByMe.map((run) => run.id));
  const [runs, requests, comments] = await Promise.all([
    across(
      holding(projects, "pipelines:read"),
      async (project) => (await listRuns(actor, project.slug, { limit: 50 })).runs,
    ),
    across(holding(projects, "governance:read"), (project) => listRequests(actor, project.slug, { state: "open" })),
    commentsOn(db, own, projects),
  ]);
  const isRunning = ({ item }: InProject<RunSummary>): boolean => ACTIVE.includes(item.status);
  const newest = (a: InProject<RunSummary>, b: InProject<RunSummary>): number =>
    b.item.createdAt.localeCompare(a.item.createdAt);
  return {
    running: runs.filter(isRunning).sort(newest).slice(0, LINES),
    failed: runs
      .filter(({ item }) => item.status === "failed" && myRuns.has(item.id))
      .sort(newest)
      .slice(0, LINES),
    requests: requests.filter(({ item }) => ids.has(item.id)).sort(oldest),
    comments,
  };
}

/** What others wrote on the reader's promotion requests, newest first. */
async function commentsOn(db: Db, own: string, projects: readonly ProjectDto[]): Promise<CommentLine[]> {
  const readable = holding(projects, "governance:read");
  const rows = await db.promotionComment.findMany({
    where: {
      userId: { not: own },
      request: { requestedBy: own, projectId: { in: readable.map((project) => project.id) } },
    },
    include: { request: { select: { number: true, projectId: true } } },
    orderBy: { createdAt: "desc" },
    take: LINES,
  });
  return rows.flatMap((row) => {
    const project = readable.find(({ id }) => id === row.request.projectId);
    return project
      ? [
          {
            id: row.id,
            project: nameOf(project),
            request: row.request.number,
            by: row.userName,
            body: row.body,
            at: row.createdAt.toISOString(),
          },
        ]
      : [];
  });
}

const oldest = (a: InProject<RequestSummary>, b: InProject<RequestSummary>): number =>
  (a.item.readyAt ?? a.item.createdAt).localeCompare(b.item.readyAt ?? b.item.createdAt);

async function queueOf(db: Db, actor: Actor, projects: readonly ProjectDto[]): Promise<Home["reviews"]> {
  const decided = holding(projects, "governance:decide");
  const open = await across(decided, (project) => listRequests(actor, project.slug, { state: "open" }));
  const rows = await db.promotionRequest.findMany({
    where: { projectId: { in: decided.map((project) => project.id) }, status: "ready" },
    select: { id: true, status: true, barred: true, decisions: true },
  });
  const waits = new Set(
    rows.filter((row) => whyNotDecide(actor, ["governance:decide"], row, row.decisions) === null).map((row) => row.id),
  );
  return {
    waiting: open.filter(({ item }) => waits.has(item.id)).sort(oldest),
    coming: open.filter(({ item }) => item.status === "checking").sort(oldest),
  };
}

async function healthOf(db: Db, actor: Actor, projects: readonly ProjectDto[]): Promise<Home["health"]> {
  const lists = await Promise.all(projects.map((project) => liveModels(db, actor, project)));
  return lists.flat();
}

async function administrationFor(db: Db, actor: Actor): Promise<Home["administration"]> {
  const [workers, queues, people, audit] = await Promise.all([
    workerLines(db),
    queueLines(),
    listPeople(actor, {}),
    listAudit(actor, { limit: LINES }),
  ]);
  return { workers, queues, people, audit: audit.events };
}
