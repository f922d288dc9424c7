import { isUuid } from "#server/kernel/ids.ts";
import { copyOut } from "#server/platform/copy.ts";
import type { CopyReader } from "#server/platform/copy-format.ts";
import { pool } from "#server/platform/db.ts";
import { featureColumns, ModelSignature } from "#server/registry/contract.ts";
import { type AnsweringArm, ARM_CODES, type TrafficWindow } from "./contract.ts";
import { isHashed } from "./redaction.ts";

/** More are sampled: a window of this many rows of 20 features takes some 400 MB. */
const MOST_ROWS = 2_000_000;
const SHARES = 1_000_000;

interface Version {
  readonly versionId: string;
  readonly version: number;
  readonly signature: ModelSignature;
  rows: number;
}

/**
 * The predictions of an endpoint whose event time lies in [from, to), by column, joined with their outcomes. For code that has found the endpoint within
 * its project. 100,000 rows of 20 features take about half a second (bench/traffic-window.ts). Beyond `maxRows` a share of the rows is read, chosen by
 * their ids, so that the same window gives the same rows. With `arm` only what was answered in that role is read.
 */
export async function readTrafficWindow(
  endpointId: string,
  from: Date,
  to: Date,
  { maxRows = MOST_ROWS, arm }: { maxRows?: number; arm?: AnsweringArm } = {},
): Promise<TrafficWindow> {
  if (!isUuid(endpointId)) throw new TypeError(`'${endpointId}' is no uuid`);
  const where = `p.endpoint_id = '${endpointId}' and p.event_time >= '${from.toISOString()}' and p.event_time < '${to.toISOString()}'${arm === undefined ? "" : ` and p.arm = ${ARM_CODES[arm]}`}`;
  const logShare = await logShareOf(endpointId);
  const versions = await versionsOf(where);
  const total = versions.reduce((sum, version) => sum + version.rows, 0);
  const share = total > maxRows ? Math.floor((maxRows / total) * SHARES) / SHARES : 1;
  // Rows may arrive between the count and the read.
  const columns = new WindowColumns(versions, Math.ceil(total * share * 1.05) + 1024);
  const sample =
    share < 1 ? ` and abs(hashtext(p.prediction_id)::bigint) % ${SHARES} < ${Math.round(share * SHARES)}` : "";
  if (total > 0)
    await copyOut(
      `select p.prediction_id, p.version_id, p.event_time, p.received_at, p.latency_us, p.numbers, p.categories, p.label,
              p.probabilities, p.value, o.prediction_id, o.label, o.value
       from serving_log.predictions p
       left join serving_log.outcomes o on o.endpoint_id = p.endpoint_id and o.prediction_id = p.prediction_id
       where ${where}${sample}`,
      (row) => columns.add(row),
    );
  return columns.window(share, logShare);
}

async function logShareOf(endpointId: string): Promise<number> {
  const { rows } = await pool().query<{ log_share: number }>("select log_share from endpoints where id = $1", [
    endpointId,
  ]);
  return rows[0]?.log_share ?? 1;
}

/** The versions that answered in the window, newest first, with their rows. */
async function versionsOf(where: string): Promise<Version[]> {
  const { rows } = await pool().query<{ id: string; version: number; signature: unknown; rows: number }>(
    `select v.id, v.version, v.signature, found.rows
     from (select p.version_id, count(*)::int as rows from serving_log.predictions p where ${where} group by 1) found
     join model_versions v on v.id = found.version_id
     order by v.version desc`,
  );
  return rows.map((row) => ({
    versionId: row.id,
    version: row.version,
    signature: ModelSignature.parse(row.signature),
    rows: row.rows,
  }));
}

interface Layout {
  readonly index: number;
  readonly names: { readonly numbers: readonly string[]; readonly categories: readonly string[] };
  /** Where each logged number, category and probability of the version goes. */
  readonly numbers: readonly Float64Array[];
  readonly categories: readonly string[][];
  readonly probabilities: readonly (Float64Array | undefined)[];
}

class WindowColumns {
  readonly #versions: readonly Version[];
  readonly #layouts = new Map<string, Layout>();
  readonly #at = new Map<string, number>();
  readonly #redacted = new Set<string>();
  readonly #received: Float64Array;
  readonly #numbers: Record<string, Float64Array> = {};
  readonly #categories: Record<string, string[]> = {};
  readonly #classes: readonly string[] | null;
  readonly #probabilities: Float64Array[] | null;
  readonly #labels: (string | null)[] = [];
  readonly #values: Float64Array;
  readonly #eventTimes: Float64Array;
  readonly #latencyUs: Float64Array;
  readonly #versionIndex: Uint16Array;
  readonly #known: Uint8Array;
  readonly #outcomeLabels: (string | null)[] = [];
  readonly #outcomeValues: Float64Array;
  readonly #capacity: number;
  #rows = 0;

  constructor(versions: readonly Version[], capacity: number) {
    const missing = () => new Float64Array(capacity).fill(Number.NaN);
    this.#versions = versions;
    this.#capacity = capacity;
    this.#received = new Float64Array(capacity);
    this.#values = missing();
    this.#eventTimes = new Float64Array(capacity);
    this.#latencyUs = new Float64Array(capacity);
    this.#versionIndex = new Uint16Array(capacity);
    this.#known = new Uint8Array(capacity);
    this.#outcomeValues = missing();
    this.#classes = versions.find((version) => version.signature.classes)?.signature.classes ?? null;
    this.#probabilities = this.#classes?.map(missing) ?? null;
    versions.forEach(({ versionId, signature }, index) => {
      const { numbers, categories } = featureColumns(signature);
      this.#layouts.set(versionId, {
        index,
        names: { numbers, categories },
        numbers: numbers.map((name) => (this.#numbers[name] ??= missing())),
        categories: categories.map((name) => (this.#categories[name] ??= new Array<string>(capacity).fill(""))),
        probabilities: (signature.classes ?? []).map(
          (name) => this.#probabilities?.[this.#classes?.indexOf(name) ?? -1],
        ),
      });
    });
  }

  add(row: CopyReader): void {
    const id = row.text() ?? "";
    const layout = this.#layouts.get(row.uuid());
    const [eventTime, receivedAt] = [row.time(), row.time()];
    if (!layout) return;
    let at = this.#at.get(id);
    if (at === undefined) {
      if (this.#rows === this.#capacity) return;
      at = this.#rows;
      this.#rows += 1;
      this.#at.set(id, at);
    } else if ((this.#received[at] ?? 0) > receivedAt) return;
    else this.#clear(at);
    const i = at;
    this.#received[i] = receivedAt;
    this.#eventTimes[i] = eventTime;
    this.#versionIndex[i] = layout.index;
    this.#latencyUs[i] = row.integer();
    row.float8s(layout.numbers, i, (column) => this.#redact(layout.names.numbers[column]));
    row.texts(layout.categories, i, (column) => this.#redact(layout.names.categories[column]));
    this.#labels[i] = row.text();
    row.float8s(layout.probabilities, i);
    this.#values[i] = row.float8();
    this.#known[i] = row.text() === null ? 0 : 1;
    this.#outcomeLabels[i] = row.text();
    this.#outcomeValues[i] = row.float8();
  }

  #redact(name: string | undefined): void {
    if (name !== undefined) this.#redacted.add(name);
  }

  /** A prediction made again, maybe by a version with other features. */
  #clear(at: number): void {
    for (const column of [...Object.values(this.#numbers), ...(this.#probabilities ?? [])]) column[at] = Number.NaN;
    for (const column of Object.values(this.#categories)) column[at] = "";
  }

  window(sampled: number, logShare: number): TrafficWindow {
    const rows = this.#rows;
    for (const [name, column] of Object.entries(this.#categories))
      if (column.slice(0, rows).some(isHashed)) this.#redacted.add(name);
    const cut = (column: Float64Array) => column.subarray(0, rows);
    const perVersion = new Array<number>(this.#versions.length).fill(0);
    let known = 0;
    for (let i = 0; i < rows; i += 1) {
      const index = this.#versionIndex[i] ?? 0;
      perVersion[index] = (perVersion[index] ?? 0) + 1;
      known += this.#known[i] ?? 0;
    }
    return {
      rows,
      sampled,
      logShare,
      redacted: [...this.#redacted],
      features: { numbers: Object.keys(this.#numbers), categories: Object.keys(this.#categories) },
      numbers: mapValues(this.#numbers, cut),
      categories: mapValues(this.#categories, (column) => column.slice(0, rows)),
      classes: this.#classes,
      probabilities: this.#probabilities?.map(cut) ?? null,
      labels: this.#labels,
      values: cut(this.#values),
      eventTimes: cut(this.#eventTimes),
      latencyUs: cut(this.#latencyUs),
      versionIndex: this.#versionIndex.subarray(0, rows),
      versions: this.#versions.map(({ versionId, version }, i) => ({ versionId, version, rows: perVersion[i] ?? 0 })),
      outcomes: { known, labels: this.#outcomeLabels, values: cut(this.#outcomeValues) },
    };
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
