import type { Call } from "./call.ts";
import { Refusal } from "./refusal.ts";

/**
 * Collects the body of a JSON request as text. Calls back once: with the text, or with the Refusal (413, 415). A caller who goes away while
 * sending is never called back for.
 */
export function readBody(
  { request, response }: Call,
  limit: number,
  done: (error: Refusal | null, text: string) => void,
): void {
  const early = refuseByHeaders(request.headers, limit);
  if (early) {
    // The rest of the body is not read: the connection cannot be used again.
    response.setHeader("connection", "close");
    done(early, "");
    request.resume();
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    request.removeAllListeners("data");
    request.removeAllListeners("end");
    request.resume();
    response.setHeader("connection", "close");
    done(tooLarge(limit), "");
  });
  request.on("end", () => {
    const [first] = chunks;
    done(null, chunks.length === 1 && first ? first.toString() : Buffer.concat(chunks).toString());
  });
}

function refuseByHeaders(headers: Call["request"]["headers"], limit: number): Refusal | null {
  if (Number(headers["content-length"] ?? 0) > limit) return tooLarge(limit);
  // The header says where the JSON ends and raw tensors begin; at the end of the body there are none.
  const jsonLength = headers["inference-header-content-length"];
  if (jsonLength !== undefined && jsonLength !== headers["content-length"])
    return new Refusal(
      415,
      "Binary tensors are not supported: send the data as JSON (tritonclient: binary_data=False).",
    );
  if (headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity")
    return new Refusal(
      415,
      `A body with the encoding ${headers["content-encoding"]} is not supported: send it as it is.`,
    );
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  // Some clients of the protocol name no type at all; what they send is JSON.
  if (type === undefined || type === "application/json" || type.endsWith("+json")) return null;
  return new Refusal(415, `The content type ${type} is not supported: send application/json.`, {
    accept: "application/json",
  });
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, `The body is larger than ${limit} bytes: send fewer rows per request.`);
}
