import { Readable } from "node:stream";
import type { ByteRange } from "./objects.ts";

export interface ServedFile {
  /** The name the browser saves it under. */
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly open: (range?: ByteRange) => Promise<Readable>;
}

/** The one range of a Range header, null when there is none that is understood, "beyond" when it lies outside. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | "beyond" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [, from = "", to = ""] = match;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? "beyond" : { start, end };
}

/** RFC 6266: an ASCII name for everybody, the true one for those who read it. */
export function disposition(name: string, kind: "attachment" | "inline" = "attachment"): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

const CLOSED = "default-src 'none'; sandbox";
/** Where the reports of the usual chart packages load their scripts from (plotly, bokeh, altair, shap). */
const CHARTS =
  "https://cdn.plot.ly https://cdn.bokeh.org https://cdn.jsdelivr.net https://cdnjs.cloudflare.com https://unpkg.com";
/**
 * A page from a person's file: its scripts run in an origin of its own, without cookies, storage or the network. `sandbox` in the header holds when the
 * address is opened by itself, where no frame could set it.
 */
const PAGE = [
  "sandbox allow-scripts",
  "default-src 'none'",
  `script-src 'unsafe-inline' 'unsafe-eval' blob: data: ${CHARTS}`,
  `style-src 'unsafe-inline' data: ${CHARTS}`,
  `font-src data: ${CHARTS}`,
  "img-src data: blob:",
  "media-src data: blob:",
  "worker-src blob:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** The policy under which a file may be shown by itself or in a frame; null: it may only be saved or embedded. */
function viewPolicy(mediaType: string): string | null {
  if (mediaType.startsWith("text/html")) return PAGE;
  // A browser's own viewer of PDF does not start in a sandbox; scripts in a PDF never see the page's origin.
  if (mediaType === "application/pdf") return "default-src 'self'; script-src 'none'; frame-ancestors 'self'";
  return /^(image\/(?!svg)|audio\/|video\/|text\/plain)/.test(mediaType) ? CLOSED : null;
}

/**
 * A stored file as the answer to a GET or HEAD: streamed, with ranges and an ETag. People's files are served from our own origin, so a browser may save
 * or embed them as pictures but never runs them: an attachment, no sniffing, an empty policy. With `view` a kind of file that can be shown is shown: a
 * page in a sandbox, everything else without scripts.
 */
export async function fileResponse(request: Request, file: ServedFile, view = false): Promise<Response> {
  const etag = `"${file.sha256}"`;
  const policy = view ? viewPolicy(file.mediaType) : null;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    "content-disposition": disposition(file.name, policy === null ? "attachment" : "inline"),
    "content-security-policy": policy ?? CLOSED,
    "content-type": file.mediaType,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    etag,
    "x-content-type-options": "nosniff",
  });
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  const range = rangeOf(request.headers.get("range"), file.sizeBytes);
  if (range === "beyond") {
    headers.set("content-range", `bytes */${file.sizeBytes}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-length", String(range ? range.end - range.start + 1 : file.sizeBytes));
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
  const status = range ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const stream = await file.open(range ?? undefined);
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers });
}
