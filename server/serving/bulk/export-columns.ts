import type { CopyReader } from "#server/platform/copy-format.ts";
import type { WrittenCells, WrittenColumn } from "#server/platform/table-writer.ts";
import { featureColumns } from "#server/registry/contract.ts";
import { armOfCode } from "../contract.ts";
import type { LoggedVersion } from "./log-filter.ts";

/** What COPY is asked for, in the order in which `add` reads it. */
export const EXPORTED = `p.version_id, p.prediction_id, p.request_id, p.event_time, p.received_at, p.arm::int, p.entity_key, p.latency_us,
  p.numbers, p.categories, p.label, p.probabilities, p.value, o.label, o.value, o.observed_at, o.corrections`;

interface Column extends WrittenColumn {
  cells: (string | number | null)[];
}

/** Gathers logged rows by column: the features and classes of all versions that answered, empty where a version does not know one. */
export class ExportColumns {
  readonly #all: Column[] = [];
  readonly #layouts = new Map<
    string,
    { version: number; numbers: Column[]; categories: Column[]; probabilities: Column[] }
  >();
  readonly #own: Record<string, Column>;
  rows = 0;

  constructor(versions: readonly LoggedVersion[]) {
    const fixed = (name: string, type: WrittenColumn["type"]) => this.#column(name, type);
    this.#own = {
      id: fixed("prediction_id", "text"),
      request: fixed("request_id", "text"),
      event: fixed("event_time", "time"),
      received: fixed("received_at", "time"),
      version: fixed("model_version", "integer"),
      arm: fixed("arm", "text"),
      entity: fixed("entity_key", "text"),
      latency: fixed("latency_ms", "number"),
    };
    const features = new Map<string, Column>();
    const feature = (name: string, type: "number" | "text") => {
      const found = features.get(`${type} ${name}`) ?? this.#column(name, type);
      features.set(`${type} ${name}`, found);
      return found;
    };
    const known = versions.map(({ id, version, signature }) => {
      const { numbers, categories } = featureColumns(signature);
      return {
        id,
        version,
        classes: signature.classes ?? [],
        numbers: numbers.map((name) => feature(name, "number")),
        categories: categories.map((name) => feature(name, "text")),
      };
    });
    this.#own["label"] = fixed("predicted_label", "text");
    const probabilities = new Map<string, Column>();
    for (const { id, version, classes, numbers, categories } of known)
      this.#layouts.set(id, {
        version,
        numbers,
        categories,
        probabilities: classes.map((name) => {
          const found = probabilities.get(name) ?? this.#column(`predicted_probability_${name}`, "number");
          probabilities.set(name, found);
          return found;
        }),
      });
    Object.assign(this.#own, {
      value: fixed("predicted_value", "number"),
      outcomeLabel: fixed("outcome_label", "text"),
      outcomeValue: fixed("outcome_value", "number"),
      observed: fixed("outcome_observed_at", "time"),
      corrections: fixed("outcome_corrections", "integer"),
    });
  }

  get columns(): readonly WrittenColumn[] {
    return this.#all;
  }

  /** Takes a row; one of a version that nobody knows any more is left out. */
  add(row: CopyReader): void {
    const layout = this.#layouts.get(row.uuid());
    if (!layout) return;
    const at = this.rows;
    this.rows += 1;
    for (const column of this.#all) column.cells[at] = null;
    const put = (name: string, value: string | number | null) => {
      const column = this.#own[name];
      if (column) column.cells[at] = value;
    };
    put("version", layout.version);
    put("id", row.text());
    put("request", row.text());
    put("event", row.time());
    put("received", row.time());
    put("arm", armOfCode(row.integer()));
    put("entity", row.text());
    put("latency", row.integer() / 1000);
    row.eachFloat8((i, value) => {
      const column = layout.numbers[i];
      if (column) column.cells[at] = value;
    });
    row.eachText((i, value) => {
      const column = layout.categories[i];
      if (column) column.cells[at] = value;
    });
    put("label", row.text());
    row.eachFloat8((i, value) => {
      const column = layout.probabilities[i];
      if (column) column.cells[at] = value;
    });
    put("value", row.float8());
    const outcome = row.text();
    put("outcomeLabel", outcome);
    put("outcomeValue", row.float8());
    const observed = row.time();
    put("observed", observed);
    const corrections = row.integer();
    if (!Number.isNaN(observed)) put("corrections", corrections);
  }

  /** The rows since the last time, by column; after it there are none. */
  take(): { cells: WrittenCells[]; rows: number } {
    const taken = { cells: this.#all.map(({ cells }) => cells), rows: this.rows };
    for (const column of this.#all) column.cells = [];
    this.rows = 0;
    return taken;
  }

  /** A column whose name no other has, also for engines that do not tell "Id" from "id". */
  #column(name: string, type: WrittenColumn["type"]): Column {
    const used = new Set(this.#all.map((column) => column.name.toLowerCase()));
    let free = name;
    for (let n = 2; used.has(free.toLowerCase()); n += 1) free = `${name}_${n}`;
    const column: Column = { name: free, type, cells: [] };
    this.#all.push(column);
    return column;
  }
}
