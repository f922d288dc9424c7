import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { problemOf } from "./problem.ts";

/**
 * Answers an address whose path is no text, such as /%zz or a half of a character, with 400: the framework takes it for a defect and says 500. Returns
 * whether it did.
 */
export function refuseUnreadable(
  { url = "/" }: Pick<IncomingMessage, "url">,
  outgoing: Pick<ServerResponse, "writeHead">,
): boolean {
  const [path = "/"] = url.split("?", 1);
  try {
    decodeURIComponent(path);
    return false;
  } catch (cause) {
    const requestId = uuidv7();
    const { status, body } = problemOf(
      new AppError("invalid_input", "The address cannot be read: a % in it begins no character.", {
        field: "path",
        value: path,
        remedy: "Write % itself as %25, and other characters in UTF-8.",
        cause,
      }),
      requestId,
    );
    outgoing
      .writeHead(status, { "content-type": "application/problem+json", "x-request-id": requestId })
      .end(JSON.stringify(body));
    return true;
  }
}
