import type { Call } from "./call.ts";
import { Refusal } from "./refusal.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Collects the body of a request, whatever it calls itself. Calls back once: with the bytes, or with the Refusal (413, 415). A caller who goes
 * away while sending is never called back for.
 */
export function readBody(
  { request, response }: Call,
  limit: number,
  done: (error: Refusal | null, body: Buffer) => void,
): void {
  const early = refuseByHeaders(request.headers, limit);
  if (early) {
    // The rest of the body is not read: the connection cannot be used again.
    response.setHeader("connection", "close");
    done(early, NOTHING);
    request.resume();
    return;
  }
  if (request.complete && !request.destroyed) {
    // All of it is here, as for nearly every request: no need for the events by which a stream tells of its parts.
    const body = (request.read() as Buffer | null) ?? NOTHING;
    if (body.length > limit) done(tooLarge(limit), NOTHING);
    else done(null, body);
    return;
  }
  let first: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      // Nearly every body comes in one piece.
      if (!first) first = chunk;
      else (chunks ??= [first]).push(chunk);
      return;
    }
    request.removeAllListeners("data");
    request.removeAllListeners("end");
    request.resume();
    response.setHeader("connection", "close");
    done(tooLarge(limit), NOTHING);
  });
  request.on("end", () => done(null, chunks ? Buffer.concat(chunks) : (first ?? NOTHING)));
}

function refuseByHeaders(headers: Call["request"]["headers"], limit: number): Refusal | null {
  if (Number(headers["content-length"] ?? 0) > limit) return tooLarge(limit);
  const encoding = headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return null;
  return new Refusal(415, `A body with the encoding ${encoding} is not supported: send it as it is.`);
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, `The body is larger than ${limit} bytes: send fewer rows per request.`);
}
