import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { problemOf } from "./problem.ts";

const pathOf = (url: string): string => url.split("?", 1)[0] ?? "/";

/** Whether the path of an address is text: that of /%zz is none, nor is half of a character. */
export function isReadable(url: string): boolean {
  try {
    decodeURIComponent(pathOf(url));
    return true;
  } catch {
    return false;
  }
}

/**
 * Answers an address that is not readable with 400: the framework takes it for a defect and says 500. Returns whether it did.
 */
export function refuseUnreadable(
  { url = "/" }: Pick<IncomingMessage, "url">,
  outgoing: Pick<ServerResponse, "writeHead">,
): boolean {
  if (isReadable(url)) return false;
  const requestId = uuidv7();
  const { status, body } = problemOf(
    new AppError("invalid_input", "The address cannot be read: a % in it begins no character.", {
      field: "path",
      value: pathOf(url),
      remedy: "Write % itself as %25, and other characters in UTF-8.",
    }),
    requestId,
  );
  outgoing
    .writeHead(status, { "content-type": "application/problem+json", "x-request-id": requestId })
    .end(JSON.stringify(body));
  return true;
}
