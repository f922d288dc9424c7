import { pool } from "#server/platform/db.ts";
import { registry } from "#server/platform/metrics.ts";

/** Ready when the database answers; probes and the launcher ask this. */
export async function health(): Promise<Response> {
  try {
    await pool().query("select 1");
    return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
  } catch {
    return Response.json({ status: "unavailable", reason: "the database does not answer" }, { status: 503 });
  }
}

/** Prometheus exposition of this process. */
export async function metrics(): Promise<Response> {
  return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
}
