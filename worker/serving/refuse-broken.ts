import type { Duplex } from "node:stream";

/** What Node says of a request that is none, or that did not come in time. */
const ANSWERS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not come in time; send it in one go."],
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "The headers are too large."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Content Too Large", "The chunk extensions are too large."],
};

/** Answers what Node cannot hand on as a request, and closes its connection. */
export function refuseBroken(error: Error & { code?: string }, socket: Duplex): void {
  // Half an answer that is under way must not get another one behind it.
  const { _httpMessage: answering } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (error.code === "ECONNRESET" || !socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, message] = ANSWERS[error.code ?? ""] ?? ["400 Bad Request", "This is no HTTP request."];
  const body = JSON.stringify({ error: message });
  // Whoever sends slowly may also read slowly: the connection ends with the last byte written.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
