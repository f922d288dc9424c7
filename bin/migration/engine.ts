// Prisma's own schema engine as WebAssembly, driven through @prisma/adapter-pg: what `prisma migrate` does with a downloaded binary, offline.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type * as glueModule from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { Pool, QueryResult } from "pg";

type Glue = typeof glueModule;

/** The catalogue's own one-byte type, which adapter-pg does not map. */
const OID_CHAR = 18;
const OID_TEXT = 25;

let loaded: Promise<Glue> | undefined;

/** One instance per process: the generated glue keeps it in module state, and a second one corrupts the first. */
async function load(): Promise<Glue> {
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => {
        console.error("The schema engine panicked:", message);
      },
    },
  });
  const require = createRequire(import.meta.url);
  const glue = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const folder = path.dirname(require.resolve("@prisma/schema-engine-wasm/schema_engine_bg"));
  const module = await WebAssembly.instantiate(readFileSync(path.join(folder, "schema_engine_bg.wasm")), {
    "./schema_engine_bg.js": glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(module.instance.exports);
  (module.instance.exports["__wbindgen_start"] as () => void)();
  return glue;
}

type Adapter = Awaited<ReturnType<PrismaPg["connect"]>>;

/** Closes two gaps that adapter-pg 7.10 has under the schema engine. */
function patch(adapter: Adapter): Adapter {
  const pool = adapter.underlyingDriver();
  // executeScript() splits at every ';' and so breaks dollar-quoted bodies; the simple protocol takes the whole script.
  adapter.executeScript = async (script) => {
    await pool.query(script);
  };
  let chars: number[] = [];
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<QueryResult | QueryResult[]>;
  pool.query = (async (...args: unknown[]) => {
    const result = await query(...args);
    chars = [];
    if (Array.isArray(result)) return result;
    result.fields.forEach((field, i) => {
      if (field.dataTypeID !== OID_CHAR) return;
      field.dataTypeID = OID_TEXT;
      chars.push(i);
    });
    return result;
  }) as Pool["query"];
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (q) => {
    const result = await queryRaw(q);
    for (const i of chars) result.columnTypes[i] = ColumnTypeEnum.Character;
    return result;
  };
  return adapter;
}

/**
 * Runs `body` with a schema engine on the database at `url` (its user must be allowed to create databases) and closes every connection after it.
 * The engine's shadow databases are made beside that database and dropped.
 */
export async function withEngine<T>(
  url: string,
  schema: SchemasContainer,
  body: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const glue = await (loaded ??= load());
  const u = new URL(url);
  const main = u.pathname.slice(1);
  const login = {
    host: u.hostname,
    port: Number(u.port || 5432),
    user: decodeURIComponent(u.username),
    password: decodeURIComponent(u.password),
    max: 1,
  };
  const connect = async (database: string) => patch(await new PrismaPg({ ...login, database }).connect());
  const open: { dispose(): Promise<void> }[] = [];
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    async connect() {
      const adapter = await connect(main);
      open.push(adapter);
      return adapter;
    },
    // adapter-pg's own method drops the database before it closes its pool (5 s, then a leaked database), and with a
    // connection string it would connect to the MAIN database.
    async connectToShadowDb() {
      const admin = await connect(main);
      const database = `prisma_migrate_shadow_db_${randomUUID()}`;
      await admin.executeScript(`CREATE DATABASE "${database}"`);
      const shadow = await connect(database);
      const close = shadow.dispose.bind(shadow);
      shadow.dispose = async () => {
        await close();
        await admin.executeScript(`DROP DATABASE "${database}" WITH (FORCE)`);
        await admin.dispose();
      };
      return shadow;
    },
  };
  const datamodels = schema.files.map((file): [string, string] => [file.path, file.content]);
  const engine = await glue.SchemaEngine.new(
    { datamodels },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  try {
    return await body(engine);
  } finally {
    engine.free();
    for (const adapter of open) await adapter.dispose(); // the engine's advisory lock lives as long as its connection
  }
}
