import path from "node:path";
import { bold, dim, red, yellow } from "../cli/terminal.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import type { LogLine } from "./log-line.ts";
import { type Service, startService } from "./service.ts";

export type ServiceName = "app" | "worker" | "serving";

export type Services = { start(name: ServiceName): Service };

export type ServicesOptions = {
  readonly root: string;
  readonly dataDir: string;
  readonly settings: Environment;
  readonly dev: boolean;
  /** Shows every line of the children, not only warnings and errors. */
  readonly verbose: boolean;
  line(text: string): void;
  onDeath(name: ServiceName, how: number | string): void;
};

const ROLES = { worker: "pipelines,monitoring", serving: "serving" } as const;

/**
 * What keeps the app's memory flat under a flood of requests. The old generation may grow by half over what lives in it, not by V8's factor of up to four,
 * before it is collected; a young generation of twice 32 MB lets most requests end before their objects would be moved there; and two malloc arenas instead
 * of eight per core, since request bodies of 100 kB fragment each of them.
 */
export const APP_MEMORY = {
  args: ["--max-semi-space-size=32", "--heap-growing-percent=50"],
  environment: { MALLOC_ARENA_MAX: "2" },
} as const;

/**
 * Requests of serving end in a young generation of this size rather than be copied within it every two thousand (measured: a tenth of the processor time).
 * From the start: V8 would reach it after some 20,000 requests, in steps of 60 MB that look like a leak. The old generation may grow by half over what lives
 * in it, as the app's: left alone it took in up to 140 MB of connections that had ended before they were collected.
 * And one thread that compiles and collects beside them: four of them together have the event loop wait for its turn on a core for 25 ms, one for 10.
 * V8's memory reducer collects the whole heap in one pause of 46 ms for 60 MB, and has the next collections follow within seconds: not while there are requests.
 */
export const SERVING_ARGS = [
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  "--heap-growing-percent=50",
  "--v8-pool-size=1",
  "--no-memory-reducer",
] as const;

/** next-auth 4 calls url.parse, which Node 24 warns about in every process. */
const QUIET = "--disable-warning=DEP0169";

/** Node's arguments for the app in production. */
export function appArgs(host: string, port: string): string[] {
  return [QUIET, ...APP_MEMORY.args, "app-server.ts", "--host", host, "--port", port];
}

function argsOf(name: ServiceName, dev: boolean, settings: Environment): string[] {
  if (name === "app") {
    const [host, port] = [settings["HOST"] ?? "127.0.0.1", settings["PORT"] ?? "3000"];
    // Next hands its own flags to a process of its own through NODE_OPTIONS, which refuses those of the heap.
    return dev ? [QUIET, "node_modules/next/dist/bin/next", "dev", "-H", host, "-p", port] : appArgs(host, port);
  }
  return workerArgs(ROLES[name], dev ? ["--watch", "--watch-preserve-output"] : []);
}

/** Node's arguments for a worker with these roles, one of the launcher or one that is started beside it. */
export function workerArgs(roles: string, flags: readonly string[] = []): string[] {
  const own = roles.split(",").includes("serving") ? SERVING_ARGS : [];
  return [...own, ...flags, "worker/main.ts", "--roles", roles];
}

/** How app, worker and serving are started, and what of their words reaches the terminal. */
export function createServices(options: ServicesOptions): Services {
  const { dev, settings } = options;
  const show = (name: string, { level, text }: LogLine) => {
    if (level === "info" && !options.verbose) return;
    const tone = level === "error" ? red : level === "warn" ? yellow : dim;
    options.line(`  ${tone(name.padEnd(8))} ${level === "info" ? dim(text) : text}`);
  };
  return {
    start(name) {
      const isApp = name === "app";
      return startService({
        name,
        args: argsOf(name, dev, settings),
        cwd: options.root,
        environment: childEnvironment(settings, {
          PROCESS_NAME: name,
          NODE_ENV: dev ? "development" : "production",
          ...(isApp ? { NEXTAUTH_URL: settings["APP_URL"] ?? "", ...APP_MEMORY.environment } : {}),
        }),
        logDir: path.join(options.dataDir, "logs"),
        // The app keeps nothing, but would wait for its open event streams.
        onOrphaned: isApp ? "KILL" : "TERM",
        restarts: !isApp || dev,
        ...(isApp ? {} : { isReady: (line: LogLine) => line.text.includes("worker ready") }),
        onLine: (line) => show(name, line),
        onRestart: (how, delayMs) =>
          options.line(`  ${yellow("!")} ${bold(name)} ended (${how}); starting it again in ${delayMs / 1000} s`),
        onDeath: (how) => options.onDeath(name, how),
      });
    },
  };
}
