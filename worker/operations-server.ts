import { createServer } from "node:http";
import { pool } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import type { WorkerRole } from "#server/platform/jobs.ts";
import { registry } from "#server/platform/metrics.ts";

/** /health and /metrics of a worker that does not serve models (serving has its own on its port). */
export async function startOperationsServer(roles: readonly WorkerRole[]): Promise<() => Promise<void>> {
  if (roles.length === 1 && roles[0] === "serving") return () => Promise.resolve();
  const server = createServer((request, response) => {
    void answer(request.url ?? "/").then(({ status, type, body }) =>
      response.writeHead(status, { "content-type": type }).end(body),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(env().WORKER_PORT, env().HOST, resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
}

async function answer(url: string): Promise<{ status: number; type: string; body: string }> {
  if (url === "/metrics") return { status: 200, type: registry.contentType, body: await registry.metrics() };
  if (url !== "/health") return { status: 404, type: "text/plain", body: "A worker answers /health and /metrics.\n" };
  const up = await pool()
    .query("select 1")
    .then(
      () => true,
      () => false,
    );
  return {
    status: up ? 200 : 503,
    type: "application/json",
    body: JSON.stringify({ status: up ? "ok" : "unavailable" }),
  };
}
