import type { Scope } from "#server/identity/contract.ts";
import { definePlatformUseCase } from "#server/identity/index.ts";
import { containing } from "#server/platform/containing.ts";
import type { Db } from "#server/platform/db.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import { findLogged } from "#server/serving/index.ts";
import { type Found, SearchInput } from "./contract.ts";
import { holding, projectsOf } from "./projects-of.ts";

const PER_KIND = 6;
const SHOWN = 20;

interface Looking {
  readonly db: Db;
  readonly text: string;
  /** The number in "penguins 3", "v3" or "#3"; null without one. */
  readonly number: number | null;
  /** What stands before the number; the whole text without one. */
  readonly words: string;
  readonly in: (scope: Scope) => { readonly in: string[] };
  readonly place: (projectId: string) => ProjectDto;
}

/** Objects whose name or id holds the text, in the projects where the reader may see them; exact names first. */
export const search = definePlatformUseCase({
  name: "overview.search",
  scope: "self",
  effect: "read",
  input: SearchInput,
  async run({ input, actor, db }): Promise<{ items: Found[] }> {
    if (input.q === "") return { items: [] };
    const all = await projectsOf(actor);
    const looked = input.project === undefined ? all : all.filter((project) => project.slug === input.project);
    const byId = new Map(looked.map((project) => [project.id, project]));
    const [, before = "", digits] = /^(.*?)\s*(?:#|\bv(?:ersion)?\s*)?(\d+)$/i.exec(input.q) ?? [];
    const looking: Looking = {
      db,
      text: input.q,
      number: digits === undefined || digits.length > 9 ? null : Number(digits),
      words: digits === undefined ? input.q : before,
      in: (scope) => ({ in: holding(looked, scope).map((project) => project.id) }),
      place: (projectId) => {
        const project = byId.get(projectId);
        if (!project) throw new Error("unreachable: only projects that were looked in have results");
        return project;
      },
    };
    const found = await Promise.all([
      datasets(looking),
      models(looking),
      versions(looking),
      endpoints(looking),
      predictions(looking),
      requests(looking),
      pipelineRuns(looking),
      monitors(looking),
      runs(looking),
    ]);
    const needle = input.q.toLowerCase();
    const rank = ({ title }: Found): number => {
      const name = title.toLowerCase();
      return name === needle ? 0 : name.startsWith(needle) ? 1 : 2;
    };
    const items = [...projects(input.q, all), ...found.flat()];
    return { items: items.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN) };
  },
});

function projects(text: string, all: readonly ProjectDto[]): Found[] {
  const needle = text.toLowerCase();
  return all
    .filter(({ slug, name }) => slug.includes(needle) || name.toLowerCase().includes(needle))
    .slice(0, PER_KIND)
    .map(({ slug, name, role }) => ({
      kind: "project",
      title: name,
      subtitle: `${slug}, as ${role}`,
      href: `/p/${slug}`,
    }));
}

async function datasets({ db, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.dataset.findMany({
    where: { projectId: within("data:read"), OR: [{ name: containing(text) }, { description: containing(text) }] },
    select: { projectId: true, name: true },
    orderBy: { name: "asc" },
    take: PER_KIND,
  });
  return rows.map(({ projectId, name }) => {
    const { slug, name: project } = place(projectId);
    return { kind: "dataset", title: name, subtitle: project, href: `/p/${slug}/data/${name}` };
  });
}

async function models({ db, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.registeredModel.findMany({
    where: {
      projectId: within("registry:read"),
      deletedAt: null,
      OR: [{ name: containing(text) }, { description: containing(text) }],
    },
    select: { projectId: true, name: true },
    orderBy: { name: "asc" },
    take: PER_KIND,
  });
  return rows.map(({ projectId, name }) => {
    const { slug, name: project } = place(projectId);
    return { kind: "model", title: name, subtitle: project, href: `/p/${slug}/models/${encodeURIComponent(name)}` };
  });
}

async function versions({ db, number, words, text, in: within, place }: Looking): Promise<Found[]> {
  const bySha = /^[0-9a-f]{8,64}$/.test(text) ? [{ sha256: { startsWith: text } }] : [];
  const byNumber =
    number === null ? [] : [{ version: number, ...(words ? { model: { name: containing(words) } } : {}) }];
  if (bySha.length + byNumber.length === 0) return [];
  const rows = await db.modelVersion.findMany({
    where: { projectId: within("registry:read"), deletedAt: null, OR: [...bySha, ...byNumber] },
    select: { projectId: true, version: true, state: true, model: { select: { name: true } } },
    orderBy: { createdAt: "desc" },
    take: PER_KIND,
  });
  return rows.map(({ projectId, version, state, model }) => {
    const { slug, name: project } = place(projectId);
    return {
      kind: "model version",
      title: `${model.name} version ${version}`,
      subtitle: `${state}, ${project}`,
      href: `/p/${slug}/models/${encodeURIComponent(model.name)}/${version}`,
    };
  });
}

async function endpoints({ db, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.endpoint.findMany({
    where: { projectId: within("serving:read"), name: containing(text) },
    select: { projectId: true, name: true },
    orderBy: { name: "asc" },
    take: PER_KIND,
  });
  return rows.map(({ projectId, name }) => {
    const { slug, name: project } = place(projectId);
    return {
      kind: "endpoint",
      title: name,
      subtitle: project,
      href: `/p/${slug}/endpoints/${encodeURIComponent(name)}`,
    };
  });
}

/** Ids of predictions and requests are looked up as they are: nobody remembers a part of one, and a log is no place to search in. */
const LOGGED_ID = /^[\w.:-]{6,200}$/;

async function predictions({ db, text, in: within, place }: Looking): Promise<Found[]> {
  if (!LOGGED_ID.test(text)) return [];
  const hits = await findLogged(db, within("serving:log").in, text);
  return hits.map(({ projectId, endpoint, kind }) => {
    const { slug, name: project } = place(projectId);
    return {
      kind: "prediction",
      title: text,
      subtitle: `${kind} of ${endpoint}, ${project}`,
      href: `/p/${slug}/predictions/${encodeURIComponent(text)}`,
    };
  });
}

/** By number, or by the model that they would promote. */
async function requests({ db, number, words, text, in: within, place }: Looking): Promise<Found[]> {
  const projectId = within("governance:read");
  const named = await db.registeredModel.findMany({
    where: { projectId, name: containing(number === null ? text : words) },
    select: { id: true, name: true },
    take: 50,
  });
  const modelIds = { in: named.map((model) => model.id) };
  const rows = await db.promotionRequest.findMany({
    where: {
      projectId,
      ...(number === null ? { modelId: modelIds } : { number, ...(words ? { modelId: modelIds } : {}) }),
    },
    select: { projectId: true, number: true, status: true, versionId: true },
    orderBy: { createdAt: "desc" },
    take: PER_KIND,
  });
  const about = await db.modelVersion.findMany({
    where: { projectId, id: { in: rows.map((row) => row.versionId) } },
    select: { id: true, version: true, model: { select: { name: true } } },
  });
  const byId = new Map(about.map((version) => [version.id, `${version.model.name} version ${version.version}`]));
  return rows.map((row) => {
    const { slug, name: project } = place(row.projectId);
    return {
      kind: "promotion request",
      title: `#${row.number} ${byId.get(row.versionId) ?? ""}`,
      subtitle: `${row.status.replaceAll("_", " ")}, ${project}`,
      href: `/p/${slug}/reviews/${row.number}`,
    };
  });
}

async function pipelineRuns({ db, number, words, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.pipelineRun.findMany({
    where: {
      projectId: within("pipelines:read"),
      OR: [
        { pipeline: containing(text) },
        ...(number === null ? [] : [{ number, ...(words ? { pipeline: containing(words) } : {}) }]),
      ],
    },
    select: { projectId: true, number: true, pipeline: true, status: true },
    orderBy: { createdAt: "desc" },
    take: PER_KIND,
  });
  return rows.map((row) => {
    const { slug, name: project } = place(row.projectId);
    return {
      kind: "pipeline run",
      title: `${row.pipeline} run ${row.number}`,
      subtitle: `${row.status}, ${project}`,
      href: `/p/${slug}/pipelines/runs/${row.number}`,
    };
  });
}

async function monitors({ db, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.monitor.findMany({
    where: { projectId: within("monitoring:read"), name: containing(text) },
    select: { projectId: true, name: true },
    orderBy: { name: "asc" },
    take: PER_KIND,
  });
  return rows.map(({ projectId, name }) => {
    const { slug, name: project } = place(projectId);
    return {
      kind: "monitor",
      title: name,
      subtitle: project,
      href: `/p/${slug}/monitoring/${encodeURIComponent(name)}`,
    };
  });
}

async function runs({ db, text, in: within, place }: Looking): Promise<Found[]> {
  const rows = await db.run.findMany({
    where: {
      projectId: within("tracking:read"),
      lifecycleStage: "active",
      OR: [{ name: containing(text) }, ...(/^[0-9a-f]{4,32}$/.test(text) ? [{ id: { startsWith: text } }] : [])],
    },
    select: { id: true, projectId: true, name: true, experiment: { select: { name: true } } },
    orderBy: { startTime: "desc" },
    take: PER_KIND,
  });
  return rows.map((row) => {
    const { slug, name: project } = place(row.projectId);
    return {
      kind: "run",
      title: row.name || row.id,
      subtitle: `${row.experiment.name}, ${project}`,
      href: `/p/${slug}/experiments/runs/${row.id}`,
    };
  });
}
