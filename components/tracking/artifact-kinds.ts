/** How a file can be looked at. */
export type PreviewKind =
  | "image"
  | "json"
  | "table"
  | "markdown"
  | "notebook"
  | "page"
  | "audio"
  | "video"
  | "pdf"
  | "onnx"
  | "text"
  | "other";

const KINDS: Readonly<Record<string, PreviewKind>> = {
  png: "image",
  jpg: "image",
  jpeg: "image",
  gif: "image",
  webp: "image",
  avif: "image",
  svg: "image",
  bmp: "image",
  json: "json",
  csv: "table",
  tsv: "table",
  parquet: "table",
  md: "markdown",
  markdown: "markdown",
  ipynb: "notebook",
  html: "page",
  htm: "page",
  mp3: "audio",
  wav: "audio",
  ogg: "audio",
  flac: "audio",
  m4a: "audio",
  mp4: "video",
  webm: "video",
  mov: "video",
  pdf: "pdf",
  onnx: "onnx",
};
const TEXT =
  /(^|\/)(mlmodel|dockerfile|makefile|license|readme|[^/]*\.(txt|log|out|err|py|r|jl|sql|ya?ml|toml|ini|cfg|conf|env|sh|js|mjs|ts|tsx|jsx|css|xml|jsonl|ndjson|geojson|diff|patch|rst|tex|lock|c|h|cpp|hpp|rs|go|java|scala|kt|proto|properties))$/i;

/** How a file can be looked at, by its name. */
export function kindOf(path: string): PreviewKind {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return KINDS[extension] ?? (TEXT.test(path) ? "text" : "other");
}
