/** A cell of a notebook as it is drawn. */
export type NotebookCell =
  | { readonly kind: "markdown"; readonly text: string }
  | { readonly kind: "raw"; readonly text: string }
  | {
      readonly kind: "code";
      readonly text: string;
      readonly count: number | null;
      readonly outputs: readonly NotebookOutput[];
    };

export type NotebookOutput =
  | { readonly kind: "text" | "error"; readonly text: string }
  | { readonly kind: "image"; readonly address: string }
  | { readonly kind: "html"; readonly html: string }
  | { readonly kind: "markdown"; readonly text: string };

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Notebooks write a text whole or as a list of its lines. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join("") : typeof value === "string" ? value : "";
}

// Colours of a terminal, which tracebacks are full of.

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");
const clean = (text: string): string => text.replace(ANSI, "");

function pictureOf(data: Fields): NotebookOutput | null {
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"]) {
    const text = textOf(data[type]).replace(/\s+/g, "");
    if (text !== "" && /^[A-Za-z0-9+/=]+$/.test(text)) return { kind: "image", address: `data:${type};base64,${text}` };
  }
  const svg = textOf(data["image/svg+xml"]);
  return svg === "" ? null : { kind: "image", address: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}` };
}

function outputOf(value: unknown): NotebookOutput[] {
  if (!isFields(value)) return [];
  if (value["output_type"] === "stream") return [{ kind: "text", text: clean(textOf(value["text"])) }];
  if (value["output_type"] === "error") {
    const trace = list(value["traceback"]).map(String).join("\n");
    return [{ kind: "error", text: clean(trace || `${String(value["ename"])}: ${String(value["evalue"])}`) }];
  }
  const data = isFields(value["data"]) ? value["data"] : {};
  const picture = pictureOf(data);
  if (picture) return [picture];
  const html = textOf(data["text/html"]);
  if (html !== "") return [{ kind: "html", html }];
  const markdown = textOf(data["text/markdown"]);
  if (markdown !== "") return [{ kind: "markdown", text: markdown }];
  const text = clean(textOf(data["text/latex"]) || textOf(data["text/plain"]));
  return text === "" ? [] : [{ kind: "text", text }];
}

/** The cells of a Jupyter notebook of format 3 or 4, and the language of its code. null for what is none. */
export function readNotebook(source: string): { readonly language: string; readonly cells: NotebookCell[] } | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    return null;
  }
  if (!isFields(parsed)) return null;
  const sheet = list(parsed["worksheets"])[0];
  const raw = parsed["cells"] ?? (isFields(sheet) ? sheet["cells"] : undefined);
  if (!Array.isArray(raw)) return null;
  const metadata = isFields(parsed["metadata"]) ? parsed["metadata"] : {};
  const info = isFields(metadata["language_info"]) ? metadata["language_info"] : {};
  const cells = raw.filter(isFields).map((cell): NotebookCell => {
    const text = textOf(cell["source"] ?? cell["input"]);
    if (cell["cell_type"] === "markdown") return { kind: "markdown", text };
    if (cell["cell_type"] !== "code") return { kind: "raw", text };
    const count = cell["execution_count"] ?? cell["prompt_number"];
    return {
      kind: "code",
      text,
      count: typeof count === "number" ? count : null,
      outputs: joined(list(cell["outputs"]).flatMap(outputOf)),
    };
  });
  return { language: textOf(info["name"]) || "python", cells };
}

/** Streams arrive in pieces; those that follow each other are one text. */
function joined(outputs: readonly NotebookOutput[]): NotebookOutput[] {
  const all: NotebookOutput[] = [];
  for (const one of outputs) {
    const last = all.at(-1);
    if (one.kind === "text" && last?.kind === "text")
      all[all.length - 1] = { kind: "text", text: last.text + one.text };
    else all.push(one);
  }
  return all;
}
