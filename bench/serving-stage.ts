import path from "node:path";
import { type Cluster, startCluster } from "#bin/launch/cluster.ts";
import { freePort } from "#bin/launch/ports.ts";
import { createToken, systemActor } from "#server/identity/index.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { crown, registerOnnx, type Registered } from "#server/platform/testing/champions.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { createEndpoint } from "#server/serving/index.ts";
import { CORES, pinProcess } from "./serving-load.ts";
import { type Server, startServer } from "./serving-servers.ts";

const PLATFORM = systemActor("bench");
const WORKER = path.join(import.meta.dirname, "../worker/main.ts");
/** What the launcher gives the serving process of an installation. */
const ENVIRONMENT = { LOG_LEVEL: "warn" };

export interface Stage {
  readonly cluster: Cluster;
  /** A token that may ask every endpoint. */
  readonly token: string;
  readonly people: Awaited<ReturnType<typeof somePeople>>;
  /** Registers an ONNX file as the next version of a model and makes it champion, by request and approval. */
  readonly promote: (model: string, file: string) => Promise<Registered>;
  /** Opens an endpoint of the model's name. */
  readonly open: (model: string) => Promise<void>;
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
  pinProcess(CORES.load, cluster.pid);
  const environment = {
    DATABASE_URL: cluster.url("postgres"),
    DATA_DIR: path.join(folder, "data"),
    ...ENVIRONMENT,
  };
  Object.assign(process.env, environment);
  resetEnv();
  await deploy(environment.DATABASE_URL);
  const people = await somePeople();
  const { secret } = await createToken(people.alice, people.project.slug, {
    name: "bench",
    scopes: ["serving:predict"],
    days: 1,
  });
  return {
    cluster,
    token: secret,
    people,
    promote: async (model, file) => {
      const version = await registerOnnx(PLATFORM, people.project.id, model, file);
      await crown(version, people.alice, people.bob);
      return version;
    },
    open: async (model) => {
      await createEndpoint(people.dave, people.project.slug, { name: model, model });
    },
    serve: async (name, { endpoint, port, pin, nodeOptions = [], environment: more = {} }) => {
      const own = port ?? (await freePort());
      return await startServer({
        name,
        port: own,
        folder,
        command: process.execPath,
        args: [...nodeOptions, WORKER, "--roles", "serving"],
        environment: {
          ...environment,
          SERVING_PORT: String(own),
          WORKER_PORT: String(await freePort()),
          PROCESS_NAME: name,
          ...more,
        },
        probe: `/v2/models/${endpoint}/ready`,
        token: secret,
        ...(pin === undefined ? {} : { pin }),
      });
    },
    close: async () => {
      await closeDatabase();
      await cluster.stop();
    },
  };
}
