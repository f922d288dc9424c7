import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { addVersion } from "#server/data/index.ts";
import { Origin } from "#server/data/contract.ts";
import type { Actor } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { appendRows, type Filled } from "#server/platform/table-append.ts";
import type { ModelSignature } from "#server/registry/contract.ts";
import { type CapturePlan, readCaptured } from "./captured-rows.ts";

export interface Frozen {
  readonly versionId: string;
  readonly version: number;
  readonly addedRows: number;
}

/**
 * Makes the captured rows of a plan, after the base's own, the dataset's next version. Repeated after a crash it finds the version it made.
 * Null when no row has an outcome.
 */
export async function freezeTraffic(
  actor: Actor,
  db: Db,
  projectId: string,
  endpoint: { readonly id: string; readonly name: string },
  plan: CapturePlan,
  signature: ModelSignature,
): Promise<Frozen | null> {
  const added = await readCaptured(endpoint.id, plan, signature);
  if (added.count === 0 || added.from === null) return null;
  const { base } = plan;
  const basedOn = `${base.name}@${base.version}`;
  const origin = {
    kind: "captured-traffic" as const,
    endpoint: endpoint.name,
    from: new Date(added.from).toISOString(),
    to: new Date(plan.to).toISOString(),
    rows: added.count,
    basedOn,
  };
  const made = await sameVersion(db, base.datasetId, origin);
  if (made) return { ...made, addedRows: added.count };
  const dir = await mkdtemp(path.join(os.tmpdir(), "touchstone-captured-"));
  try {
    const fileName = `captured.${base.format}`;
    const out = path.join(dir, fileName);
    const filled = await appendRows({ base, timeColumn: base.timeColumn, added, out });
    const stored = await addVersion(actor, projectId, {
      dataset: base.name,
      filePath: out,
      format: base.format,
      fileName,
      origin,
      note: noteOf(basedOn, endpoint.name, added.count, filled),
    });
    return { versionId: stored.id, version: stored.version, addedRows: added.count };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function sameVersion(db: Db, datasetId: string, origin: Origin) {
  const newest = await db.datasetVersion.findFirst({
    where: { datasetId },
    orderBy: { version: "desc" },
    select: { id: true, version: true, origin: true },
  });
  if (!newest) return null;
  const isSame = JSON.stringify(Origin.parse(newest.origin)) === JSON.stringify(Origin.parse(origin));
  return isSame ? { versionId: newest.id, version: newest.version } : null;
}

/** What the version is, with what is not known about its captured rows. */
function noteOf(basedOn: string, endpoint: string, rows: number, filled: Readonly<Record<string, Filled>>): string {
  const names = (how: Filled) => Object.keys(filled).filter((name) => filled[name] === how);
  const empty = names("empty");
  const made = [...names("derived"), ...names("continued")];
  return [
    `The rows of ${basedOn} and ${rows.toLocaleString("en-GB")} predictions of the endpoint ${endpoint} whose outcome is known.`,
    made.length > 0 ? `Worked out for them: ${made.join(", ")}.` : "",
    empty.length > 0 ? `Not known of them: ${empty.join(", ")}.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}
