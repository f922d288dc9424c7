import { z } from "zod";
import { can, type Scope } from "#server/identity/contract.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type RunViewDto, SaveRunViewInput, UpdateRunViewInput } from "./contract.ts";

const MOST = 500;

type Row = Awaited<ReturnType<typeof owned>>;

const dto = (row: Row, userId: string | null): RunViewDto => ({
  id: row.id,
  name: row.name,
  shared: row.shared,
  state: row.state,
  createdByName: row.createdByName,
  mine: row.createdBy === userId,
  updatedAt: row.updatedAt.getTime(),
});

/** Nobody but its maker changes a view, and of a private one nobody else learns that there is one. */
async function owned(db: Db, projectId: string, userId: string | null, id: string) {
  const row = await db.runView.findFirst({ where: { id, projectId } });
  if (!row || (row.createdBy !== userId && !row.shared))
    throw new AppError("not_found", "This view does not exist, or is private to somebody else.", {
      field: "id",
      value: id,
    });
  if (row.createdBy !== userId)
    throw new AppError("forbidden", `Only ${row.createdByName} can change the view “${row.name}”.`, {
      field: "id",
      value: id,
      remedy: "Open it and save it as a view of your own.",
    });
  return row;
}

/** A private view is its maker's own matter; what the whole project sees is changed only by those who may change its runs. */
function checkSharing(scopes: readonly Scope[]): void {
  if (!can(scopes, "tracking:write"))
    throw new AppError(
      "forbidden",
      "Sharing a view, and changing one that is shared, needs the right to change runs.",
      {
        field: "shared",
        remedy: "Keep it as a private view.",
      },
    );
}

async function checkName(db: Db, projectId: string, createdBy: string, name: string, except?: string): Promise<void> {
  const there = await db.runView.findFirst({
    where: { projectId, createdBy, name, ...(except === undefined ? {} : { id: { not: except } }) },
  });
  if (there)
    throw new AppError("conflict", `You have a view named “${name}” already.`, {
      field: "name",
      value: name,
      remedy: "Choose another name, or change that view.",
    });
}

/** The views of the runs table that the caller may open: the caller's own and those shared in the project, by name. */
export const listRunViews = defineUseCase({
  name: "tracking.list-run-views",
  scope: "tracking:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, db }): Promise<RunViewDto[]> {
    const rows = await db.runView.findMany({
      where: {
        projectId: project.id,
        OR: [{ shared: true }, ...(actor.userId === null ? [] : [{ createdBy: actor.userId }])],
      },
      orderBy: [{ name: "asc" }, { createdAt: "asc" }],
      take: MOST,
    });
    return rows.map((row) => dto(row, actor.userId));
  },
});

/** Keeps a state of the runs table under a name. Errors: conflict for a name the caller has used; forbidden for the platform itself. */
export const saveRunView = defineUseCase({
  name: "tracking.save-run-view",
  scope: "tracking:read",
  effect: "write",
  input: SaveRunViewInput,
  unaudited: "a private view is the person's own; a shared one is audited",
  async run({ input, actor, project, scopes, db, audit, publish }): Promise<RunViewDto> {
    if (actor.userId === null) throw new AppError("forbidden", "Only a person has views.", { field: "name" });
    if (input.shared) checkSharing(scopes);
    await checkName(db, project.id, actor.userId, input.name);
    const row = await db.runView.create({
      data: { ...input, projectId: project.id, createdBy: actor.userId, createdByName: actor.name },
    });
    if (row.shared)
      await audit({
        action: "run-view.shared",
        subject: { type: "run-view", id: row.id },
        summary: `${actor.name} shared the view ${row.name}`,
        details: { state: row.state },
      });
    await publish("run-views", row.id);
    return dto(row, actor.userId);
  },
});

/** Renames a view, shares or withdraws it, or gives it another state. Errors: not_found, forbidden for another's, conflict for a name in use. */
export const updateRunView = defineUseCase({
  name: "tracking.update-run-view",
  scope: "tracking:read",
  effect: "write",
  input: UpdateRunViewInput,
  unaudited: "a private view is the person's own; a shared one is audited",
  async run({ input: { id, ...changes }, actor, project, scopes, db, audit, publish }): Promise<RunViewDto> {
    const before = await owned(db, project.id, actor.userId, id);
    if (before.shared || changes.shared === true) checkSharing(scopes);
    if (changes.name !== undefined) await checkName(db, project.id, before.createdBy, changes.name, id);
    const row = await db.runView.update({
      where: { id },
      data: {
        ...(changes.name === undefined ? {} : { name: changes.name }),
        ...(changes.shared === undefined ? {} : { shared: changes.shared }),
        ...(changes.state === undefined ? {} : { state: changes.state }),
        updatedAt: new Date(),
      },
    });
    if (before.shared || row.shared)
      await audit({
        action: "run-view.changed",
        subject: { type: "run-view", id },
        summary: `${actor.name} changed the view ${row.name}`,
        details: {
          before: { name: before.name, shared: before.shared, state: before.state },
          after: { name: row.name, shared: row.shared, state: row.state },
        },
      });
    await publish("run-views", id);
    return dto(row, actor.userId);
  },
});

/** Deletes a view. Errors: not_found, forbidden for another's. */
export const deleteRunView = defineUseCase({
  name: "tracking.delete-run-view",
  scope: "tracking:read",
  effect: "write",
  input: z.object({ id: z.uuid() }),
  unaudited: "a private view is the person's own; a shared one is audited",
  async run({ input: { id }, actor, project, scopes, db, audit, publish }): Promise<void> {
    const row = await owned(db, project.id, actor.userId, id);
    if (row.shared) checkSharing(scopes);
    await db.runView.delete({ where: { id } });
    if (row.shared)
      await audit({
        action: "run-view.deleted",
        subject: { type: "run-view", id },
        summary: `${actor.name} deleted the shared view ${row.name}`,
        details: { state: row.state },
      });
    await publish("run-views", id);
  },
});
