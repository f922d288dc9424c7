import { isMap, isScalar, isSeq, parseDocument, type Scalar as YamlScalar, stringify } from "yaml";
import type { Scalar } from "./spec.ts";

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What a pipeline file is to say. */
export interface Pins {
  readonly params: Readonly<Record<string, Scalar>>;
  readonly datasets: Readonly<Record<string, number>>;
  /** Of one step with a matrix, the combination that it is to keep. */
  readonly cell: { readonly step: string; readonly values: Readonly<Record<string, unknown>> } | null;
}

/**
 * The text of a pipeline file with other defaults of its parameters, its datasets pinned to versions, and a matrix narrowed to one combination. Only the
 * values themselves change: comments, order and layout stay. `changes` say what was written. What the file does not name is left out.
 */
export function pinFile(text: string, wish: Pins): { text: string; changes: string[] } {
  const document = parseDocument(text);
  const edits: Edit[] = [];
  const changes: string[] = [];
  const replace = (node: YamlScalar, value: Scalar, saying: string): void => {
    const [from, to] = node.range ?? [0, 0];
    if (to <= from) return;
    edits.push({ from, to, text: stringify(value, { lineWidth: 0, ...(quoteOf(text, from) ?? {}) }).trim() });
    changes.push(saying);
  };
  const params = document.get("params", true);
  if (isMap(params))
    for (const { key, value } of params.items) {
      const name = isScalar(key) ? String(key.value) : "";
      const wanted = wish.params[name];
      if (isScalar(value) && wanted !== undefined && value.value !== wanted)
        replace(value, wanted, `${name}: ${String(value.value)} → ${String(wanted)}`);
    }
  const steps = document.get("steps", true);
  if (isMap(steps))
    for (const step of steps.items) {
      const matrix = isMap(step.value) ? step.value.get("matrix", true) : null;
      if (isMap(matrix) && isScalar(step.key) && step.key.value === wish.cell?.step)
        for (const { key, value } of matrix.items) {
          const name = isScalar(key) ? String(key.value) : "";
          const kept = isSeq(value)
            ? value.items.find((one) => isScalar(one) && one.value === wish.cell?.values[name])
            : null;
          if (!isSeq(value) || !isScalar(kept) || value.items.length < 2) continue;
          const [from, to] = value.range ?? [0, 0];
          // A list of lines ends with the last line's end, which is the layout's.
          const end = from + text.slice(from, to).trimEnd().length;
          edits.push({ from, to: end, text: `[${text.slice(kept.range?.[0], kept.range?.[1])}]` });
          changes.push(`${name}: ${value.items.map(String).join(", ")} → ${String(kept.value)}`);
        }
      const inputs = isMap(step.value) ? step.value.get("inputs", true) : null;
      if (!isMap(inputs)) continue;
      for (const { value } of inputs.items) {
        const said = isScalar(value) && typeof value.value === "string" ? /^dataset:([^@]+)$/.exec(value.value) : null;
        const version = wish.datasets[said?.[1] ?? ""];
        if (isScalar(value) && said && version !== undefined)
          replace(
            value,
            `dataset:${said[1] ?? ""}@${version}`,
            `dataset ${said[1] ?? ""}: newest → version ${version}`,
          );
      }
    }
  let out = text;
  for (const { from, to, text: value } of edits.toSorted((a, b) => b.from - a.from))
    out = out.slice(0, from) + value + out.slice(to);
  return { text: out, changes: [...new Set(changes)] };
}

function quoteOf(text: string, at: number): { defaultStringType: "QUOTE_DOUBLE" | "QUOTE_SINGLE" } | null {
  if (text[at] === '"') return { defaultStringType: "QUOTE_DOUBLE" };
  return text[at] === "'" ? { defaultStringType: "QUOTE_SINGLE" } : null;
}
