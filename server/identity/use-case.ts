import { type z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { type AuditEntry, writeAudit } from "#server/platform/audit.ts";
import { type Db, prisma } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import { type DomainEvent, enqueueJob, type Job, publishEvent } from "#server/platform/jobs.ts";
import type { Actor } from "./actor.ts";
import { type Authorised, authorisePlatform, authoriseProject, authoriseRecently } from "./authorise.ts";
import type { PlatformScope, Scope } from "./contract.ts";

interface Effects {
  /** Records what was done, in the same transaction. */
  readonly audit: (entry: AuditEntry, projectId?: string) => Promise<void>;
  /** Tells open browsers and workers that something under a topic changed, once the transaction is committed. */
  readonly publish: (topic: string, id: string, to?: { projectId?: string; userId?: string }) => Promise<void>;
  /** Queues work in the same transaction. */
  readonly enqueue: <S extends z.ZodType>(
    job: Job<S>,
    payload: z.input<S>,
    options?: { delaySeconds?: number },
  ) => Promise<void>;
  /** Publishes a domain event in the same transaction. */
  readonly emit: <S extends z.ZodType>(event: DomainEvent<S>, payload: z.input<S>) => Promise<void>;
}

export interface ProjectContext<I> extends Effects, Omit<Authorised, "role"> {
  readonly input: I;
  readonly actor: Actor;
  readonly role: Authorised["role"];
  /** The transaction of a write, the client of a read. */
  readonly db: Db;
}
export type PlatformContext<I> = Omit<ProjectContext<I>, "project" | "role" | "scopes">;

interface Definition<S extends z.ZodType> {
  /** "domain.verb-noun", unique. */
  readonly name: string;
  readonly effect: "read" | "write";
  readonly input: S;
  /** Why a write leaves no audit event of its own, in words. Without it, a write that forgets to audit fails. */
  readonly unaudited?: string;
  /** Milliseconds a write may take; default 15 s. */
  readonly timeoutMs?: number;
  /**
   * For writes that come by the hundred a second and are one statement on the pool: no transaction is opened around it, nothing of the context's effects
   * can be used, and what a token may do is looked up at most once a second. Such a write is always `unaudited`.
   */
  readonly oneStatement?: boolean;
}
export interface ProjectDefinition<S extends z.ZodType, R> extends Definition<S> {
  readonly scope: Scope;
  readonly run: (context: ProjectContext<z.infer<S>>) => Promise<R>;
}
export interface PlatformDefinition<S extends z.ZodType, R> extends Definition<S> {
  readonly scope: PlatformScope;
  readonly run: (context: PlatformContext<z.infer<S>>) => Promise<R>;
}

export interface UseCaseInfo {
  readonly name: string;
  readonly scope: Scope | PlatformScope;
  readonly on: "project" | "platform";
  readonly effect: "read" | "write";
}
export interface ProjectUseCase<S extends z.ZodType, R> {
  (actor: Actor, project: string, input: z.input<S>): Promise<R>;
  readonly info: UseCaseInfo & { on: "project" };
}
export interface PlatformUseCase<S extends z.ZodType, R> {
  (actor: Actor, input: z.input<S>): Promise<R>;
  readonly info: UseCaseInfo & { on: "platform" };
}

const known = new Map<string, UseCaseInfo>();

/** Every use case that has been loaded, for the tests that walk role × use case. */
export function allUseCases(): readonly UseCaseInfo[] {
  return [...known.values()];
}

function remember<T extends UseCaseInfo>(info: T): T {
  known.set(info.name, info);
  return info;
}

/** Parses with the field names a caller knows; the first wrong field leads, the rest follow in `issues`. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({
    field: issue.path.map(String).join("."),
    message: issue.message,
  }));
  const first = issues[0] ?? { field: "", message: "The input is not valid." };
  throw new AppError("invalid_input", first.field ? `${first.field}: ${first.message}` : first.message, {
    field: first.field,
    issues,
  });
}

async function within<R>(
  definition: Definition<z.ZodType>,
  actor: Actor,
  projectOf: (db: Db) => Promise<Authorised | null>,
  run: (effects: Effects, db: Db, access: Authorised | null) => Promise<R>,
): Promise<R> {
  if (definition.effect === "read" || definition.oneStatement) {
    const db = prisma();
    const access = await projectOf(db);
    const refuse = () =>
      Promise.reject(new Error(`${definition.name} has no transaction in which it could announce or record anything`));
    return await run({ audit: refuse, publish: refuse, enqueue: refuse, emit: refuse }, db, access);
  }
  return await prisma().$transaction(
    async (tx) => {
      const access = await projectOf(tx);
      let audited = definition.unaudited !== undefined;
      const projectId = access?.project.id ?? null;
      const result = await run(
        {
          audit: async (entry, onProject) => {
            audited = true;
            await writeAudit(tx, actor, onProject ?? projectId, entry);
          },
          publish: (topic, id, to) =>
            announce(tx, {
              projectId: to?.projectId ?? projectId,
              topic,
              id,
              ...(to?.userId === undefined ? {} : { userId: to.userId }),
            }),
          enqueue: (job, payload, options) => enqueueJob(tx, job, payload, options),
          emit: (event, payload) => publishEvent(tx, event, payload),
        },
        tx,
        access,
      );
      if (!audited) throw new Error(`${definition.name} changed something without an audit event`);
      return result;
    },
    { timeout: definition.timeoutMs ?? 15_000, maxWait: 10_000 },
  );
}

/**
 * The only way to read or change something in a project: authorises the actor, parses the input, opens the transaction, runs, and demands an audit
 * event in it. Pages, REST, the MLflow API, Git, workers and the command line all call what this returns.
 *
 * Errors: invalid_input with the wrong field, not_found for a foreign project, forbidden for a missing scope, and whatever `run` refuses with.
 */
export function defineUseCase<S extends z.ZodType, R>(definition: ProjectDefinition<S, R>): ProjectUseCase<S, R> {
  const info = remember({
    name: definition.name,
    scope: definition.scope,
    on: "project" as const,
    effect: definition.effect,
  });
  const call = async (actor: Actor, project: string, raw: z.input<S>): Promise<R> => {
    return await within(
      definition,
      actor,
      (db) => (definition.oneStatement ? authoriseRecently : authoriseProject)(db, actor, project, definition.scope),
      (effects, db, access) => {
        if (!access) throw new Error("unreachable: a project use case always has a project");
        // Whoever may not act learns nothing about what the input should have been.
        return definition.run({ ...effects, ...access, input: parseInput(definition.input, raw), actor, db });
      },
    );
  };
  return Object.assign(call, { info });
}

/** As `defineUseCase`, for acts outside any project. */
export function definePlatformUseCase<S extends z.ZodType, R>(
  definition: PlatformDefinition<S, R>,
): PlatformUseCase<S, R> {
  const info = remember({
    name: definition.name,
    scope: definition.scope,
    on: "platform" as const,
    effect: definition.effect,
  });
  const call = async (actor: Actor, raw: z.input<S>): Promise<R> => {
    authorisePlatform(actor, definition.scope);
    const input = parseInput(definition.input, raw);
    return await within(
      definition,
      actor,
      () => Promise.resolve(null),
      (effects, db) => definition.run({ ...effects, input, actor, db }),
    );
  };
  return Object.assign(call, { info });
}
