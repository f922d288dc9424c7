import path from "node:path";
import { type Cluster, startCluster } from "#bin/launch/cluster.ts";
import { childEnvironment } from "#bin/launch/environment.ts";
import { freePort } from "#bin/launch/ports.ts";
import { SERVING_ARGS } from "#bin/launch/services.ts";
import { createToken, revokeToken, systemActor } from "#server/identity/index.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { closeChanges } from "#server/platform/events.ts";
import { stopQueue } from "#server/platform/jobs.ts";
import { crown, registerOnnx, type Registered } from "#server/platform/testing/champions.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { changeLogRules, createEndpoint, startArm } from "#server/serving/index.ts";
import { CORES, pinProcess } from "./serving-load.ts";
import { type Server, startServer } from "./serving-servers.ts";

const PLATFORM = systemActor("bench");
const WORKER = path.join(import.meta.dirname, "../worker/main.ts");
/** What an installation that serves has set. */
const SETTINGS = { LOG_LEVEL: "warn" };

export interface Stage {
  readonly cluster: Cluster;
  /** A token that may ask every endpoint. */
  readonly token: string;
  /** Makes another, and a function that revokes it. */
  readonly anotherToken: () => Promise<{ readonly secret: string; readonly revoke: () => Promise<unknown> }>;
  /** Registers an ONNX file as the next version of a model. */
  readonly register: (model: string, file: string) => Promise<Registered>;
  /** The same, and makes it champion, by request and approval. */
  readonly promote: (model: string, file: string) => Promise<Registered>;
  /** Opens an endpoint of a model, whose log keeps a share of the predictions. */
  readonly open: (name: string, model: string, logShare: number) => Promise<void>;
  /** Starts a version of the endpoint's model as a shadow. */
  readonly shadow: (name: string, version: number) => Promise<void>;
  /** A serving process as an installation runs it, on this database. Ready once every endpoint answers. */
  readonly serve: (name: string, options: ServeOptions) => Promise<Server>;
  readonly close: () => Promise<void>;
}

export interface ServeOptions {
  readonly port?: number;
  readonly pin?: boolean;
  /** An endpoint that must answer. */
  readonly endpoint: string;
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A Postgres with the product's schema, a project with people in it, and nothing else. It runs on the core of the load. */
export async function openStage(folder: string): Promise<Stage> {
  const cluster = await startCluster(path.join(folder, "pg"));
  pinProcess(CORES.load, process.pid);
  const environment = {
    DATABASE_URL: cluster.url("postgres"),
    DATA_DIR: path.join(folder, "data"),
    ...SETTINGS,
  };
  Object.assign(process.env, environment);
  resetEnv();
  await deploy(environment.DATABASE_URL);
  const people = await somePeople();
  const { slug } = people.project;
  const makeToken = () =>
    createToken(people.alice, slug, { name: "bench", scopes: ["serving:predict", "serving:outcomes"], days: 1 });
  const { secret } = await makeToken();
  const register = (model: string, file: string) => registerOnnx(PLATFORM, people.project.id, model, file);
  return {
    cluster,
    token: secret,
    anotherToken: async () => {
      const made = await makeToken();
      return { secret: made.secret, revoke: () => revokeToken(people.alice, slug, { id: made.id }) };
    },
    register,
    promote: async (model, file) => {
      const version = await register(model, file);
      await crown(version, people.alice, people.bob);
      return version;
    },
    open: async (name, model, logShare) => {
      await createEndpoint(people.dave, slug, { name, model });
      if (logShare < 1) await changeLogRules(people.dave, slug, { name, share: logShare });
    },
    shadow: async (name, version) => {
      await startArm(people.dave, slug, { name, version, kind: "shadow" });
    },
    serve: async (name, { endpoint, port, pin, nodeOptions = [], environment: more = {} }) => {
      const own = port ?? (await freePort());
      return await startServer({
        name,
        port: own,
        folder,
        command: process.execPath,
        args: [...SERVING_ARGS, ...nodeOptions, WORKER, "--roles", "serving"],
        environment: childEnvironment({
          ...environment,
          SERVING_PORT: String(own),
          WORKER_PORT: String(await freePort()),
          PROCESS_NAME: name,
          ...more,
        }),
        probe: `/v2/models/${endpoint}/ready`,
        token: secret,
        ...(pin === undefined ? {} : { pin }),
      });
    },
    close: async () => {
      await stopQueue();
      await closeChanges();
      await closeDatabase();
      await cluster.stop();
    },
  };
}
