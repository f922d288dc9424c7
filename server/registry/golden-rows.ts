import { createHash } from "node:crypto";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { pool } from "#server/platform/db.ts";
import { Golden } from "./contract.ts";

const MOST = 500;
/** Golden rows never change, and a plan is read every few seconds: what was read once is kept. By version and digest; the oldest goes first. */
const kept = new Map<string, Golden | null>();

/** The golden rows of a version, read once; null when what is stored is not what the digest beside it says. */
export async function goldenOf(versionId: string, sha256: string): Promise<Golden | null> {
  const key = `${versionId} ${sha256}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { rows } = await pool().query<{ golden: unknown }>("select golden from model_versions where id = $1", [
    versionId,
  ]);
  const stored = rows[0]?.golden;
  const golden = Golden.safeParse(stored);
  const found = golden.success ? createHash("sha256").update(canonicalJson(stored)).digest("hex") : null;
  const checked = golden.success && found === sha256 ? golden.data : null;
  const [oldest] = kept.keys();
  if (kept.size >= MOST && oldest !== undefined) kept.delete(oldest);
  kept.set(key, checked);
  return checked;
}
